//! The design system: a component is a function that returns markup. They know no request, no tenant and
//! no rule; what they show is given to them. `specimen` shows them all.

pub mod attrs;
pub mod board;
pub mod button;
pub mod chart;
pub mod disclosure;
pub mod document;
pub mod field;
pub mod form;
pub mod format;
pub mod icon;
pub mod menu;
pub mod page;
pub mod palette;
pub mod record;
pub mod shell;
pub mod shortcuts;
pub mod small;
pub mod specimen;
pub mod table;
pub mod tone;

pub use attrs::Attrs;
pub use board::{Board, BoardCard, BoardColumn};
pub use button::{Button, button, link_button};
pub use disclosure::disclosure;
pub use document::{Document, Theme};
pub use field::{Choice, Field};
pub use form::{InlineEdit, csrf_field, error_summary, form_actions};
pub use icon::{brand_mark, icon};
pub use menu::{MenuItem, dialog, menu, more_menu, wide_dialog};
pub use page::{
    PageHeader, Stat, Tab, card, danger_card, empty_state, page_header, stats, tabs, tabs_called,
};
pub use palette::{Command, palette_result};
pub use record::{
    Change, Step, StepState, TimelineEntry, changes, description_list, steps, timeline,
};
pub use shell::{NavGroup, NavItem, Shell, ShellUser, SupportBanner};
pub use shortcuts::{ShortcutGroup, board_keys};
pub use small::{
    avatar, avatar_small, badge, badge_icon, kbd, notice, person, progress, toast, whatsapp_link,
};
pub use specimen::specimen;
pub use table::{Column, Order, Row, SELECTION, chips, data_table, filter_bar, pager};
pub use tone::Tone;
