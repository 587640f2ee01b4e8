//! Words that stand on many pages.

use crate::pages::language::catalogue;

catalogue! {
    PRODUCT = "Síndico", "Síndico";
    HOME = "Ir para o início", "Go to the start";
    UNDO = "Desfazer", "Undo";
    SKIP = "Ir para o conteúdo", "Skip to the content";
    SAVE = "Salvar", "Save";
    CANCEL = "Cancelar", "Cancel";
    CLOSE = "Fechar", "Close";
    SEARCH = "Buscar", "Search";
    fn count_of(shown, all) = "{shown} de {all}", "{shown} of {all}";
}
