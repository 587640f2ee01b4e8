//! What was just done.

use crate::pages::language::Word;

/// All notices, by the name that travels in the cookie.
pub const ALL: &[(&str, Word)] = &[
    ("saved", Word("Salvo.", "Saved.")),
    ("created", Word("Criado.", "Created.")),
    (
        "deleted",
        Word("Movido para a lixeira.", "Moved to the bin."),
    ),
    ("restored", Word("Restaurado.", "Restored.")),
    ("undone", Word("Desfeito.", "Undone.")),
    ("signed_out", Word("Você saiu.", "You are signed out.")),
];
