//! Words that stand on many pages.

use crate::pages::language::catalogue;

catalogue! {
    PRODUCT = "Síndico", "Síndico";
    HOME = "Ir para o início", "Go to the start";
    UNDO = "Desfazer", "Undo";
    WALLS = "Cada empresa no seu lugar.", "Each company in a place of its own.";
    SAVE = "Salvar", "Save";
    CANCEL = "Cancelar", "Cancel";
    CLOSE = "Fechar", "Close";
    BOARD = "Quadro", "Board";
    LIST = "Lista", "List";
    ANY = "Qualquer", "Any";
    SEARCH = "Buscar", "Search";
    fn count_of(shown, all) = "{shown} de {all}", "{shown} of {all}";
}
