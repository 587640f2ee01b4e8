//! Custom fields, as they are set up.

use crate::pages::language::{Word, catalogue};
use sindico_domain::crm::custom::CustomType;

catalogue! {
    TITLE = "Campos personalizados", "Custom fields";
    LEAD = "O que a sua empresa anota além do que todas anotam. Aparece nos formulários, nas listas, nos filtros, nas importações e exportações.", "What your company writes down beside what every company does. It is in forms, lists, filters, imports and exports.";
    NONE = "Nenhum campo ainda", "No fields yet";
    NONE_TEXT = "Crie um para anotar o que só a sua empresa precisa saber.", "Make one to write down what only your company needs to know.";
    NEW = "Novo campo", "New field";
    EDIT = "Campo", "Field";
    KIND = "De", "Of";
    LABEL = "Nome do campo", "Name of the field";
    KEY = "Chave", "Key";
    KEY_HINT = "Letras minúsculas, números e _. Vazia: feita do nome. Não muda depois.", "Small letters, digits and _. Empty: made of the name. It never changes.";
    TYPE = "Tipo", "Type";
    TYPE_HINT = "Não muda depois.", "It never changes.";
    OPTIONS = "Opções", "Options";
    OPTIONS_HINT = "Uma por linha, só para escolhas.", "One a line, for choices only.";
    OPTION = "Opção", "Option";
    OFFERED = "Oferecida", "Offered";
    RETIRED = "Aposentada: quem já tem continua com ela", "Retired: who has it keeps it";
    DROPPED = "Tirar, se ninguém usa", "Take out, if nobody has it";
    MORE_OPTIONS = "Mais opções", "More options";
    HELP = "Ajuda para quem preenche", "Help for whoever fills it";
    REQUIRED = "Obrigatório para todos", "Required of everybody";
    REQUIRED_ROLES = "Obrigatório para", "Required of";
    REQUIRED_HINT = "Vale para registros novos; o que já está preenchido não pode ser apagado.", "It holds for new records; what is filled already may not be emptied.";
    SEARCHABLE = "A busca encontra por este campo", "Searches look in this field";
    ON_CARD = "Mostrar nos cartões do quadro", "Show on cards of the board";
    ON_CARD_HINT = "Os três primeiros aparecem.", "The first three are shown.";
    PII = "É dado pessoal (LGPD)", "It is personal data (LGPD)";
    RULES = "Regras", "Rules";
    DELETE = "Excluir o campo", "Delete the field";
    DELETE_TEXT = "Os valores ficam guardados, sem aparecer, e voltam se você desfizer.", "Its values are kept, unseen, and are back if you undo it.";
    STALE = "O campo foi mudado por outra pessoa enquanto isso. Veja como está agora.", "The field was changed by somebody else meanwhile. See how it is now.";
    HISTORY = "Últimas mudanças", "Latest changes";
    DID_CREATE = "Criou o campo", "Made the field";
    DID_UPDATE = "Mudou o campo", "Changed the field";
    DID_DELETE = "Excluiu o campo", "Deleted the field";
    DID_ORDER = "Mudou a ordem", "Changed the order";
    fn used(n) = "{n} de 50", "{n} of 50";
}

/// What a type of field is called.
pub fn ty(ty: CustomType) -> Word {
    match ty {
        CustomType::Text => Word("Texto", "Text"),
        CustomType::LongText => Word("Texto longo", "Long text"),
        CustomType::Integer => Word("Número inteiro", "Whole number"),
        CustomType::Decimal => Word("Número com decimais", "Number with decimals"),
        CustomType::Date => Word("Data", "Date"),
        CustomType::Boolean => Word("Sim ou não", "Yes or no"),
        CustomType::Choice => Word("Uma escolha", "One choice"),
        CustomType::MultiChoice => Word("Várias escolhas", "Several choices"),
        CustomType::Url => Word("Endereço da web", "Web address"),
        CustomType::Email => Word("E-mail", "E-mail"),
        CustomType::Phone => Word("Telefone", "Phone"),
    }
}
