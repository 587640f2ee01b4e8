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
    ("moved", Word("Movido.", "Moved.")),
    (
        "completed",
        Word("Atividade concluída.", "The activity is done."),
    ),
    (
        "snoozed",
        Word(
            "Adiado. O prazo foi junto, se venceria antes.",
            "Snoozed. What was due before then is due then.",
        ),
    ),
    (
        "dismissed",
        Word("Lembrete dispensado.", "The reminder is dismissed."),
    ),
    (
        "logged",
        Word("Contato registrado.", "The contact is logged."),
    ),
    (
        "taken",
        Word("O lead agora é seu.", "The lead is yours now."),
    ),
    (
        "sample_filled",
        Word("Dados de exemplo criados.", "The sample data are there."),
    ),
    (
        "sample_removed",
        Word("Dados de exemplo removidos.", "The sample data are gone."),
    ),
    ("undone", Word("Desfeito.", "Undone.")),
    ("signed_out", Word("Você saiu.", "You are signed out.")),
];
