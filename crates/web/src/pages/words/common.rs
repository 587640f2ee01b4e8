//! Words that stand on many pages.

use crate::pages::language::catalogue;

catalogue! {
    PRODUCT = "Síndico", "Síndico";
    SAVE = "Salvar", "Save";
    CANCEL = "Cancelar", "Cancel";
    CLOSE = "Fechar", "Close";
    SEARCH = "Buscar", "Search";
    fn count_of(shown, all) = "{shown} de {all}", "{shown} of {all}";
}
