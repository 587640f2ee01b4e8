//! Forms on the web that make leads.

use crate::pages::language::{Word, catalogue};
use sindico_domain::lead_form::{EntryState, Suspicion};

catalogue! {
    NAME = "Nome", "Name";
    COMPANY = "Empresa", "Company";
    EMAIL = "E-mail", "E-mail address";
    PHONE = "Telefone", "Telephone";
    NOTES = "Mensagem", "Message";
    TRAP = "Deixe vazio", "Leave this empty";
    SEND = "Enviar", "Send";
    THANKS = "Recebemos. Obrigado!", "We have it. Thank you!";
    WRONG = "Erro", "Error";
    WRONG_FIELDS = "Confira os campos marcados.", "Look at the fields that are marked.";
    TOO_MANY = "Muitos envios em pouco tempo. Espere um pouco e tente de novo.", "Too many in a short time. Wait a little, and try again.";
    TITLE = "Formulários", "Forms";
    LEAD = "Um formulário público que vira lead. Divulgue o endereço, ou ponha no seu site.", "A public form that makes leads. Share its address, or put it on your site.";
    NONE = "Nenhum formulário", "No forms";
    NONE_TEXT = "Crie o primeiro para receber leads do site.", "Make the first to get leads from your site.";
    NEW = "Novo formulário", "New form";
    CREATE = "Criar formulário", "Make form";
    EDIT = "Alterar", "Change";
    SAVE = "Salvar", "Save";
    FORM_TITLE = "Título", "Heading";
    INTRO = "Introdução", "Introduction";
    FIELDS = "O que perguntar, além do nome", "What to ask for beside the name";
    FIELDS_HINT = "Os campos personalizados de leads aparecem com o nome e a ajuda que têm. O que todo lead precisa ter é sempre obrigatório.", "Custom fields of leads are shown with the label and the help that they have. What every lead must have is always required.";
    NOT_ASKED = "Não perguntar", "Not asked for";
    OPTIONAL = "Opcional", "Optional";
    REQUIRED = "Obrigatório", "Required";
    SOURCE = "Origem dos leads", "The leads' source";
    TAGS = "Etiquetas", "Tags";
    TAGS_HINT = "Separadas por vírgula.", "Separated by commas.";
    OWNER = "Responsável", "Owner";
    NOBODY = "Ninguém", "Nobody";
    CONSENT = "Texto de consentimento", "Text of the consent";
    CONSENT_HINT = "Vazio: nada é pedido. O texto aceito fica guardado com o lead.", "Empty: nothing is asked. The text that was agreed to is kept with the lead.";
    THANK_YOU = "Agradecimento", "Thank-you text";
    REDIRECT = "Levar depois para", "Lead on to";
    ORIGINS = "Sites que podem enviar e mostrar o formulário", "Sites that may send and show the form";
    ORIGINS_HINT = "Como https://example.com, um por linha.", "Such as https://example.com, one a line.";
    ACTIVE = "Ativo", "Active";
    INACTIVE = "Inativo", "Inactive";
    STATE = "Situação", "State";
    ADDRESS = "Endereço", "Address";
    ENTRIES = "Recebidos", "Received";
    NO_ENTRIES = "Nada recebido ainda", "Nothing received yet";
    NO_ENTRIES_TEXT = "O que parece spam espera aqui por 30 dias.", "What may be spam waits here for 30 days.";
    WHEN = "Quando", "When";
    WHAT = "O que", "What";
    WHY = "Suspeita", "Suspicion";
    ACCEPT = "É um lead", "It is a lead";
    DISCARD = "É spam", "It is spam";
    ACTIONS = "Ações", "Actions";
    ALIKE = "Parece com alguém daqui", "Like somebody here";
    DELETE = "Excluir formulário", "Delete form";
    DELETE_TEXT = "O que espera aqui vai junto; os leads ficam.", "What waits here goes with it; the leads stay.";
    IS_LEAD = "Lead", "Lead";
    WAITS = "Em quarentena", "Quarantined";
    DISCARDED = "Descartado", "Discarded";
    BY_TRAP = "Campo escondido preenchido", "The hidden field was filled";
    BY_SPEED = "Rápido demais", "Too fast";
    BY_ORIGIN = "Veio de um site não listado", "From a site that is not listed";
    BY_PROOF = "Formulário vencido ou alterado", "An old or changed form";
    BY_LINKS = "Muitos links", "Many links";
}

/// What became of an entry.
pub fn state(state: EntryState) -> Word {
    match state {
        EntryState::Lead => IS_LEAD,
        EntryState::Quarantine => WAITS,
        EntryState::Discarded => DISCARDED,
    }
}

/// What speaks against a person.
pub fn suspicion(suspicion: Suspicion) -> Word {
    match suspicion {
        Suspicion::Trap => BY_TRAP,
        Suspicion::TooFast => BY_SPEED,
        Suspicion::Unknown => BY_ORIGIN,
        Suspicion::Proof => BY_PROOF,
        Suspicion::Links => BY_LINKS,
    }
}

/// A field that a form may ask for.
pub fn field(name: &str) -> Word {
    match name {
        "company" => COMPANY,
        "email" => EMAIL,
        "phone" => PHONE,
        "notes" => NOTES,
        _ => NAME,
    }
}
