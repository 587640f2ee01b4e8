//! The board: columns of cards. A card is moved by its menu, by dragging, or by keys; each is one POST
//! of `stage`, `after` and `before` to the card's `move_to`.

use super::button::link_button;
use super::form::csrf_field;
use super::icon::icon;
use super::small::avatar_small;
use super::tone::Tone;
use crate::pages::language::Language;
use crate::pages::words::kit as words;
use maud::{Markup, html};

/// A card.
#[derive(Debug, Clone, Default)]
pub struct BoardCard {
    /// The record's id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// Its name.
    pub title: String,
    /// Whose it is, as the customer.
    pub subtitle: Option<String>,
    /// What it is worth.
    pub amount: Option<String>,
    /// More about it.
    pub badges: Option<Markup>,
    /// Who has it.
    pub owner: Option<String>,
    /// Where a move is posted; `None` when the reader may not move it.
    pub move_to: Option<String>,
    /// The columns that it can go to from here, each with its name: its menu offers them, and the others are
    /// dim while it is dragged. Whatever is asked for, the server has the last word.
    pub targets: Vec<(String, String)>,
    /// A value that a column's gate asks to confirm.
    pub value: Option<String>,
}

/// A column.
#[derive(Debug, Clone, Default)]
pub struct BoardColumn {
    /// The stage's code, as a move sends it.
    pub stage: String,
    /// Its name.
    pub title: String,
    /// How many cards there are in all.
    pub count: String,
    /// What they are worth together.
    pub total: Option<String>,
    /// What the stage means.
    pub tone: Tone,
    /// Those that are shown.
    pub cards: Vec<BoardCard>,
    /// The same board with more of them.
    pub more: Option<String>,
    /// Its order is not made by hand: whatever comes in stands at the top.
    pub fixed: bool,
    /// The id of the dialog that asks something before a card comes in.
    pub gate: Option<&'static str>,
}

/// A board.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// Its id in the page.
    pub id: String,
    /// Its name, read aloud.
    pub label: String,
    /// The token of `csrf_field`.
    pub csrf: String,
    /// Its columns.
    pub columns: Vec<BoardColumn>,
    /// The kinds of records whose changes make it ask anew (`live.ts`).
    pub live: Option<&'static str>,
}

impl Board {
    /// Itself.
    pub fn render(&self, language: Language) -> Markup {
        html! {
            div class="board" id=(self.id) data-board data-live=[self.live] role="group" aria-label=(self.label) aria-describedby={ (self.id) "-help" }
                data-picked=(words::CARD_PICKED.in_(language)) data-at=(words::CARD_AT.in_(language))
                data-dropped=(words::CARD_DROPPED.in_(language)) data-kept=(words::CARD_KEPT.in_(language))
                data-refused=(words::CARD_REFUSED.in_(language)) {
                @for column in &self.columns { (self.column(language, column)) }
                p class="visually-hidden" id={ (self.id) "-help" } { (words::CARD_HELP.in_(language)) }
            }
        }
    }

    fn column(&self, language: Language, column: &BoardColumn) -> Markup {
        let id = format!("{}-{}", self.id, column.stage);
        html! {
            section class="board-column" aria-labelledby={ (id) "-title" } {
                (self.head(column))
                ul class="board-cards" id=(id) data-stage=(column.stage) data-title=(column.title) data-fixed[column.fixed] data-gate=[column.gate]
                    tabindex="0" aria-labelledby={ (id) "-title" } {
                    @for card in &column.cards { (self.card(language, card)) }
                    li class="board-empty" { (words::NO_CARDS.in_(language)) }
                    @if let Some(more) = &column.more { (self.load_more(language, &id, more)) }
                }
            }
        }
    }

    /// The head of a column. The answer to a move brings those that changed, and they take the place of the
    /// ones with their ids.
    pub fn head(&self, column: &BoardColumn) -> Markup {
        let id = format!("{}-{}", self.id, column.stage);
        html! {
            div class={ "board-head " (column.tone.class()) } id={ (id) "-head" } {
                h2 id={ (id) "-title" } { (column.title) }
                span class="board-count" { (column.count) }
                @if let Some(total) = &column.total { span class="board-total" { (total) } }
            }
        }
    }

    /// A card: as a part of the board, or of the answer to its move.
    pub fn card(&self, language: Language, card: &BoardCard) -> Markup {
        let targets: Vec<&str> = card
            .targets
            .iter()
            .map(|(stage, _)| stage.as_str())
            .collect();
        html! {
            li class="board-card" id={ (self.id) "-card-" (card.id) } data-card=(card.id) data-title=(card.title)
                data-move=[card.move_to.as_deref()] data-to=[card.move_to.as_ref().map(|_| targets.join(" "))]
                data-value=[card.value.as_deref()] tabindex=[card.move_to.as_ref().map(|_| "0")] {
                span class="board-title" { a href=(card.href) draggable="false" { (card.title) } }
                @if let Some(action) = &card.move_to { (self.move_menu(language, card, action)) }
                @if let Some(text) = &card.subtitle { span class="board-sub" { (text) } }
                span class="board-foot" {
                    @if let Some(amount) = &card.amount { span class="board-amount" { (amount) } }
                    @if let Some(badges) = &card.badges { (badges) }
                    @if let Some(owner) = &card.owner { (avatar_small(owner)) }
                }
            }
        }
    }

    /// The way that needs no script: a button a stage, all in one form.
    fn move_menu(&self, language: Language, card: &BoardCard, action: &str) -> Markup {
        html! {
            details class="menu" data-menu {
                summary class="button button-quiet button-small button-icon" {
                    (icon("ellipsis-vertical")) span class="visually-hidden" { (words::actions_of(language, &card.title)) }
                }
                div class="menu-list" {
                    form method="post" action=(action) data-move-form {
                        (csrf_field(&self.csrf))
                        p class="menu-title" { (words::MOVE_TO.in_(language)) }
                        @for (stage, name) in &card.targets {
                            button class="menu-item" type="submit" name="stage" value=(stage) { (name) }
                        }
                    }
                }
            }
        }
    }

    /// The way to more cards: the same board, with more of them. It takes the board's place and keeps what is
    /// the same, so that columns stay where they were scrolled to.
    fn load_more(&self, language: Language, list: &str, href: &str) -> Markup {
        let board = format!("#{}", self.id);
        html! {
            li class="board-more" id={ (list) "-more" } {
                (link_button(words::LOAD_MORE.in_(language), href.to_owned()).quiet().small().wide()
                    .attr("id", format!("{list}-more-link"))
                    .attr("hx-get", href.to_owned())
                    .attr("hx-target", board.clone())
                    .attr("hx-select", board)
                    .attr("hx-swap", "outerMorph")
                    .attr("hx-push-url", "true"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> Board {
        let card = BoardCard {
            id: "7".to_owned(),
            href: "/o/7/".to_owned(),
            title: "<Pão>".to_owned(),
            move_to: Some("/o/7/stage/".to_owned()),
            targets: vec![("B".to_owned(), "<B>".to_owned())],
            ..BoardCard::default()
        };
        let column = |stage: &str, cards| BoardColumn {
            stage: stage.to_owned(),
            title: format!("<{stage}>"),
            count: "1".to_owned(),
            cards,
            more: Some("/board/?a=1&b=\"".to_owned()),
            ..BoardColumn::default()
        };
        Board {
            id: "board".to_owned(),
            csrf: "\"t".to_owned(),
            columns: vec![column("A", vec![card]), column("B", vec![])],
            ..Board::default()
        }
    }

    #[test]
    fn a_card_moves_without_scripts() {
        let text = board().render(Language::Portuguese).0;
        assert!(text.contains("action=\"/o/7/stage/\""), "{text}");
        assert!(text.contains("name=\"stage\" value=\"B\""));
        assert!(
            !text.contains("name=\"stage\" value=\"A\""),
            "it is there already"
        );
        assert!(text.contains("name=\"csrf_token\" value=\"&quot;t\""));
    }

    #[test]
    fn it_escapes_and_names_its_parts() {
        let text = board().render(Language::Portuguese).0;
        assert!(!text.contains("<Pão>") && !text.contains("<A>"), "{text}");
        assert!(text.contains("aria-labelledby=\"board-A-title\""));
        assert!(
            text.contains("aria-describedby=\"board-help\"") && text.contains("id=\"board-help\"")
        );
        assert!(text.contains("href=\"/board/?a=1&amp;b=&quot;\""));
    }

    #[test]
    fn one_who_may_not_move_sees_no_way() {
        let mut board = board();
        board.columns[0].cards[0].move_to = None;
        let text = board.render(Language::Portuguese).0;
        assert!(
            !text.contains("data-move") && !text.contains("<form"),
            "{text}"
        );
    }
}
