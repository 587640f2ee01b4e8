//! What was done to what a company has set up.

use crate::pages::language::{Word, catalogue};

catalogue! {
    TITLE = "Histórico", "History";
    UNDO = "Desfazer a última alteração", "Undo the last edit";
    YES = "Sim", "Yes";
    NO = "Não", "No";
}

/// What was done.
pub fn done(action: &str) -> Word {
    match action {
        "create" => Word("Criado", "Made"),
        "update" => Word("Alterado", "Changed"),
        "delete" => Word("Excluído", "Deleted"),
        "undo" => Word("Desfeito", "Undone"),
        "pause" => Word("Pausado", "Paused"),
        "resume" => Word("Retomado", "Resumed"),
        "stop" => Word("Parado por falhas", "Stopped by failures"),
        "secret" => Word("Novo segredo", "New secret"),
        "DONE" => Word("Atendido", "Done"),
        "REFUSED" => Word("Recusado", "Refused"),
        _ => Word("Mudou", "Changed"),
    }
}

/// What a value is called; `None` for what is not shown.
pub fn field(name: &str) -> Option<Word> {
    Some(match name {
        "name" => Word("Nome", "Name"),
        "url" => Word("Endereço", "Address"),
        "events" => Word("Eventos", "Events"),
        "state" => Word("Situação", "State"),
        "title" => Word("Título", "Heading"),
        "intro" => Word("Introdução", "Introduction"),
        "fields" => Word("Campos", "Fields"),
        "source" => Word("Origem", "Source"),
        "tags" => Word("Etiquetas", "Tags"),
        "owner" => Word("Responsável", "Owner"),
        "consent" => Word("Consentimento", "Consent"),
        "thanks" => Word("Agradecimento", "Thanks"),
        "redirect" => Word("Redirecionamento", "Redirect"),
        "origins" => Word("Sites", "Sites"),
        "active" => Word("Ativo", "Active"),
        "filter" => Word("Filtro", "Filter"),
        "months" => Word("Meses", "Months"),
        "deleted" => Word("Excluído", "Deleted"),
        _ => return None,
    })
}
