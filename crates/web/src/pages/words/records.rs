//! Lists, pages and forms of records, their history, the bin and the search.

use crate::pages::language::{Language, Word, catalogue};
use sindico_domain::crm::Kind;

catalogue! {
    BIN = "Lixeira", "Bin";
    HISTORY = "Histórico", "History";
}

catalogue! {
    EXPORT = "Exportar", "Export";
    TOOLS = "Ferramentas", "Tools";
    EXPORT_CSV = "Como na lista, CSV", "As listed, CSV";
    EXPORT_XLSX = "Como na lista, Excel (XLSX)", "As listed, Excel (XLSX)";
    EXPORT_ALL_CSV = "Todos os campos, CSV", "All fields, CSV";
    EXPORT_ALL_XLSX = "Todos os campos, Excel (XLSX)", "All fields, Excel (XLSX)";
    EDIT = "Editar", "Edit";
    DELETE = "Excluir", "Delete";
    CREATED_AT = "Criado em", "Created";
    UPDATED_AT = "Alterado em", "Changed";
    FILTER_FROM = "de", "from";
    FILTER_TO = "até", "to";
    FILTER_MIN = "a partir de", "at least";
    FILTER_MAX = "até", "at most";
    fn range_of(field, end) = "{field}: {end}", "{field}: {end}";
    ALL_F = "Todas", "All";
    TO_DO = "A fazer", "To do";
    DONE = "Concluídas", "Done";
    NOBODY = "Ninguém", "Nobody";
    NONE = "Nenhum", "None";
    AUTOMATIC = "Automático", "Automatic";
    CREATED = "Criação", "Creation";
    MORE_FILTERS = "Mais filtros", "More filters";
    SEARCH_HINT = "Nome, telefone, CNPJ...", "Name, phone, CNPJ...";
    NOTHING_FITS = "Nada combina com estes filtros", "Nothing fits these filters";
    NOTHING_FITS_DETAIL = "Tire um filtro, ou procure por outra palavra.", "Take a filter away, or look for another word.";
    WRONG_FILTER = "Um filtro não foi entendido, e a lista não foi filtrada por ele.", "A filter was not understood, and the list is not filtered by it.";
    fn number(id) = "nº {id}", "no. {id}";
    IN_BIN = "na lixeira", "in the bin";
    YES = "Sim", "Yes";
    NO = "Não", "No";
    OVERDUE = "Atrasada", "Overdue";
    WHOLE_COMPANY = "Empresa toda", "Whole company";
    fn minutes(n) = "{n} min", "{n} min";
    fn hours(n) = "{n} h", "{n} h";
    fn per_cent(n) = "{n}%", "{n}%";
}

catalogue! {
    DETAILS = "Dados", "Details";
    TIMELINE = "Linha do tempo", "Timeline";
    NO_TIMELINE = "Nada aconteceu ainda.", "Nothing has happened yet.";
    OLDER = "Ver mais antigos", "Show older ones";
    NEWEST = "Voltar aos mais novos", "Back to the newest";
    UNDONE = "desfeito", "undone";
    AS_IT_STOOD = "Ver como ficou", "As it stood then";
    fn stood_on(when) = "Como estava em {when}", "As it stood on {when}";
    STOOD_DETAIL = "Só para leitura. O registro de hoje não mudou.", "Read only. Today's record is as it was.";
    BACK_TO_NOW = "Ver como está hoje", "As it is today";
    CALL = "Ligar", "Call";
    WHATSAPP = "WhatsApp", "WhatsApp";
    WRITE = "Escrever", "Write";
    fn contact_by(how, whom) = "{how}: {whom}", "{how}: {whom}";
    QUALIFY = "Qualificar", "Qualify";
    DISQUALIFY = "Descartar", "Disqualify";
    CONVERT = "Converter em oportunidade", "Convert to an opportunity";
    CONVERT_TITLE = "Converter o lead em oportunidade", "Convert the lead to an opportunity";
    CONVERT_CUSTOMER = "Se vazio, procuramos pelo CNPJ, e-mail ou telefone do lead; se ninguém combinar, o cliente é criado.", "When empty, we look for the lead's CNPJ, e-mail or phone; if nobody fits, the customer is made.";
    DISQUALIFY_TITLE = "Descartar o lead", "Disqualify the lead";
    DISQUALIFY_DETAIL = "Não dá para voltar atrás por aqui; o histórico permite desfazer.", "This is final here; the history can undo it.";
    LOSE_TITLE = "Marcar como perdida", "Mark as lost";
    LOSE = "Marcar como perdida", "Mark as lost";
    WIN = "Marcar como ganha", "Mark as won";
    fn move_to(stage) = "Passar para {stage}", "Move to {stage}";
    COMPLETE = "Concluir", "Complete";
    COMPLETE_TITLE = "Concluir a atividade", "Complete the activity";
    REOPEN = "Reabrir", "Reopen";
    ADD_ACTIVITY = "Registrar atividade", "Add an activity";
    ADD = "Registrar", "Add";
    SEE_ALL = "Ver todos", "See all";
    fn edit_field(field) = "Editar: {field}", "Edit: {field}";
}

catalogue! {
    ADD_ADDRESS = "Adicionar endereço", "Add an address";
    ADD_CONTACT = "Adicionar contato", "Add a contact";
    fn address_number(n) = "Endereço {n}", "Address {n}";
    fn contact_number(n) = "Contato {n}", "Contact {n}";
    REMOVE_ROW = "Remover", "Remove";
    EMPTY_ROW = "Uma linha vazia não é salva.", "An empty row is not saved.";
    fn not_found(text) = "Não encontramos \"{text}\". Digite o nome e escolha na lista.", "There is no \"{text}\". Type the name and choose from the list.";
    fn several(count, text) = "\"{text}\" é o começo de {count} registros. Escolha um na lista.", "\"{text}\" fits {count} records. Choose one from the list.";
    WRONG_MONEY = "Escreva um valor, como 1.234,56.", "Write an amount, such as 1,234.56.";
    WRONG_INSTANT = "Escreva uma data e uma hora.", "Write a day and an hour.";
    fn act_closed(field, state) = "Não é possível agora. {field}: {state}.", "Not possible now. {field}: {state}.";
    fn back_to(title) = "Voltar para {title}", "Back to {title}";
    SENT_BEFORE = "Este formulário já foi salvo. Confira antes de salvar outro com estes dados.", "This form was saved before. Look before you save another one with these data.";
}

catalogue! {
    CHANGED_MEANWHILE = "Alguém mudou este registro enquanto você editava", "Somebody changed this record while you edited it";
    CHANGED_DETAIL = "Nada do que você digitou se perdeu. Compare, e decida o que fica.", "Nothing you typed is lost. Compare, and decide what stays.";
    fn now_there(value) = "Agora está: {value}", "There is now: {value}";
    SAVE_MINE = "Salvar o meu", "Save mine";
    DISCARD_MINE = "Descartar e recarregar", "Discard and reload";
    GONE = "vazio", "empty";
}

catalogue! {
    UNDO_STUCK = "Não deu para desfazer", "It could not be undone";
    UNDO_STUCK_DETAIL = "O que esta mudança deixou já não está como ficou. Nada foi desfeito.", "What this change left is no longer as it was. Nothing was undone.";
    LEFT = "Tinha ficado", "It was left as";
    FOUND = "Agora está", "It is now";
    OBSTACLE = "O que impede", "What stands in the way";
    RECORD = "Registro", "Record";
    FIELD = "Campo", "Field";
    ALREADY_UNDONE = "Já foi desfeito", "It was undone before";
    ALREADY_UNDONE_DETAIL = "Se quiser de volta, desfaça o desfazer, no histórico.", "To have it again, undo the undoing, in the history.";
    fn undo_forbidden(what) = "Seu papel não permite desfazer isto em {what}.", "Your role may not undo this on {what}.";
}

catalogue! {
    HISTORY_DETAIL = "Tudo o que foi mudado nesta empresa, por quem e quando.", "All that was changed in this company, by whom and when.";
    WHO = "Quem", "Who";
    OP = "Tipo de mudança", "Kind of change";
    FROM_DAY = "De", "From";
    TO_DAY = "Até", "To";
    NO_HISTORY = "Nenhuma mudança", "No changes";
    NO_HISTORY_DETAIL = "O que for criado, alterado ou excluído aparece aqui.", "What is made, changed or deleted appears here.";
    SOMEBODY = "Síndico", "Síndico";
}

catalogue! {
    BIN_DETAIL = "O que foi excluído espera aqui e pode voltar.", "What was deleted waits here and can come back.";
    BIN_EMPTY = "A lixeira está vazia", "The bin is empty";
    BIN_EMPTY_DETAIL = "Registros excluídos ficam aqui até serem restaurados.", "Deleted records stay here until they are restored.";
    RESTORE = "Restaurar", "Restore";
    DELETED_AT = "Excluído", "Deleted";
    NAME = "Nome", "Name";
}

catalogue! {
    SEARCH_TITLE = "Busca", "Search";
    SEARCH_START = "O que você procura?", "What are you looking for?";
    SEARCH_START_DETAIL = "Nome, e-mail, telefone, CPF ou CNPJ, com ou sem acentos e pontos.", "A name, an e-mail address, a phone, a CPF or CNPJ, with or without accents and dots.";
    fn nothing_found(q) = "Nada encontrado para \"{q}\"", "Nothing found for \"{q}\"";
    NOTHING_FOUND_DETAIL = "Confira a digitação, ou use só uma parte do nome.", "Look for a typing error, or use a part of the name only.";
    APPROXIMATE = "Nada igual; estes se escrevem de modo parecido.", "Nothing fits exactly; these are spelled alike.";
    CAPPED = "Há muitos resultados. Escreva mais para encontrar melhor.", "There are many results. Write more to find better.";
}

/// A kind's record, in one word.
pub fn one(kind: Kind) -> Word {
    match kind {
        Kind::Customer => Word("Cliente", "Customer"),
        Kind::Lead => Word("Lead", "Lead"),
        Kind::Opportunity => Word("Oportunidade", "Opportunity"),
        Kind::Activity => Word("Atividade", "Activity"),
        Kind::SalesGoal => Word("Meta", "Goal"),
    }
}

/// Its records.
pub fn many(kind: Kind) -> Word {
    match kind {
        Kind::Customer => Word("Clientes", "Customers"),
        Kind::Lead => Word("Leads", "Leads"),
        Kind::Opportunity => Word("Oportunidades", "Opportunities"),
        Kind::Activity => Word("Atividades", "Activities"),
        Kind::SalesGoal => Word("Metas", "Goals"),
    }
}

/// To make one.
pub fn new_one(kind: Kind) -> Word {
    match kind {
        Kind::Customer => Word("Novo cliente", "New customer"),
        Kind::Lead => Word("Novo lead", "New lead"),
        Kind::Opportunity => Word("Nova oportunidade", "New opportunity"),
        Kind::Activity => Word("Nova atividade", "New activity"),
        Kind::SalesGoal => Word("Nova meta", "New goal"),
    }
}

/// What the search of a list looks at.
pub fn search_hint(kind: Kind) -> Word {
    match kind {
        Kind::Customer => Word("Nome, telefone, CNPJ...", "Name, phone, CNPJ..."),
        Kind::Lead => Word("Nome, empresa, telefone...", "Name, company, phone..."),
        Kind::Opportunity => Word("Título, próximo passo...", "Title, next step..."),
        Kind::Activity => Word("Título, descrição...", "Title, description..."),
        Kind::SalesGoal => Word("Observações", "Notes"),
    }
}

/// There is none yet, and what to do about it.
pub fn none_yet(kind: Kind) -> (Word, Word) {
    match kind {
        Kind::Customer => (
            Word("Nenhum cliente ainda", "No customers yet"),
            Word(
                "Cadastre o primeiro, ou converta um lead: o cliente nasce com ele.",
                "Add the first one, or convert a lead: the customer comes with it.",
            ),
        ),
        Kind::Lead => (
            Word("Nenhum lead ainda", "No leads yet"),
            Word(
                "Anote quem mostrou interesse. Depois é só qualificar e converter.",
                "Write down who showed interest. Then qualify and convert them.",
            ),
        ),
        Kind::Opportunity => (
            Word("Nenhuma oportunidade ainda", "No opportunities yet"),
            Word(
                "Uma oportunidade é uma venda em andamento. Crie uma, ou converta um lead.",
                "An opportunity is a sale under way. Add one, or convert a lead.",
            ),
        ),
        Kind::Activity => (
            Word("Nenhuma atividade", "No activities"),
            Word(
                "Ligações, reuniões e tarefas de cada venda ficam aqui.",
                "Calls, meetings and tasks of each sale are kept here.",
            ),
        ),
        Kind::SalesGoal => (
            Word("Nenhuma meta ainda", "No goals yet"),
            Word(
                "Diga quanto vender em cada mês, por pessoa ou pela empresa toda.",
                "Say what to sell each month, by one person or the whole company.",
            ),
        ),
    }
}

/// What somebody did, after their name: "criou o cliente".
pub fn action(kind: Kind, action: &str, op: &str) -> Word {
    match action {
        "tags.rename" => Word("renomeou uma etiqueta de", "renamed a tag of"),
        "tags.remove" => Word("tirou uma etiqueta de", "took a tag off"),
        "privacy.erase" => Word("apagou os dados pessoais de", "erased the personal data of"),
        "lead.form" => Word("enviou um formulário", "sent a form"),
        "lead.qualify" => Word("qualificou o lead", "qualified the lead"),
        "lead.disqualify" => Word("descartou o lead", "disqualified the lead"),
        "lead.convert" if kind == Kind::Lead => Word("converteu o lead", "converted the lead"),
        "opportunity.stage" => Word(
            "mudou a etapa da oportunidade",
            "moved the opportunity to another stage",
        ),
        "opportunity.move" => Word(
            "moveu a oportunidade no quadro",
            "moved the opportunity on the board",
        ),
        "activity.complete" => Word("concluiu a atividade", "completed the activity"),
        "activity.reopen" => Word("reabriu a atividade", "reopened the activity"),
        "activity.remind" => Word(
            "marcou o lembrete da atividade",
            "noted the activity's reminder",
        ),
        "undo" => match op {
            "CREATE" | "RESTORE" => Word("desfez e trouxe de volta", "undid, and brought back"),
            "DELETE" => Word(
                "desfez e mandou para a lixeira",
                "undid, and sent to the bin",
            ),
            _ => Word("desfez uma mudança em", "undid a change of"),
        },
        _ => done(kind, op),
    }
}

fn done(kind: Kind, op: &str) -> Word {
    match (op, kind) {
        ("CREATE", Kind::Customer) => Word("criou o cliente", "created the customer"),
        ("CREATE", Kind::Lead) => Word("criou o lead", "created the lead"),
        ("CREATE", Kind::Opportunity) => Word("criou a oportunidade", "created the opportunity"),
        ("CREATE", Kind::Activity) => Word("criou a atividade", "created the activity"),
        ("CREATE", Kind::SalesGoal) => Word("criou a meta", "created the goal"),
        ("DELETE", Kind::Customer) => Word("excluiu o cliente", "deleted the customer"),
        ("DELETE", Kind::Lead) => Word("excluiu o lead", "deleted the lead"),
        ("DELETE", Kind::Opportunity) => Word("excluiu a oportunidade", "deleted the opportunity"),
        ("DELETE", Kind::Activity) => Word("excluiu a atividade", "deleted the activity"),
        ("DELETE", Kind::SalesGoal) => Word("excluiu a meta", "deleted the goal"),
        ("RESTORE", Kind::Customer) => Word("restaurou o cliente", "restored the customer"),
        ("RESTORE", Kind::Lead) => Word("restaurou o lead", "restored the lead"),
        ("RESTORE", Kind::Opportunity) => {
            Word("restaurou a oportunidade", "restored the opportunity")
        }
        ("RESTORE", Kind::Activity) => Word("restaurou a atividade", "restored the activity"),
        ("RESTORE", Kind::SalesGoal) => Word("restaurou a meta", "restored the goal"),
        (_, Kind::Customer) => Word("alterou o cliente", "changed the customer"),
        (_, Kind::Lead) => Word("alterou o lead", "changed the lead"),
        (_, Kind::Opportunity) => Word("alterou a oportunidade", "changed the opportunity"),
        (_, Kind::Activity) => Word("alterou a atividade", "changed the activity"),
        (_, Kind::SalesGoal) => Word("alterou a meta", "changed the goal"),
    }
}

/// Sorts of changes, as the history is filtered by them.
pub const OPS: [(&str, Word); 4] = [
    ("CREATE", Word("Criação", "Creation")),
    ("UPDATE", Word("Alteração", "Change")),
    ("DELETE", Word("Exclusão", "Deletion")),
    ("RESTORE", Word("Restauração", "Restoration")),
];

/// The names of the months.
const MONTHS: [Word; 12] = [
    Word("janeiro", "January"),
    Word("fevereiro", "February"),
    Word("março", "March"),
    Word("abril", "April"),
    Word("maio", "May"),
    Word("junho", "June"),
    Word("julho", "July"),
    Word("agosto", "August"),
    Word("setembro", "September"),
    Word("outubro", "October"),
    Word("novembro", "November"),
    Word("dezembro", "December"),
];

/// The name of a month; `None` for a number that is none's.
pub fn month(number: i64) -> Option<Word> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    MONTHS.get(index).copied()
}

/// A month of a year: "novembro de 2026".
pub fn month_of(language: Language, month_number: i64, year: i64) -> String {
    let name = month(month_number).map_or("", |word| word.in_(language));
    match language {
        Language::Portuguese => format!("{name} de {year}"),
        Language::English => format!("{name} {year}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_names() {
        assert_eq!(month_of(Language::Portuguese, 3, 2026), "março de 2026");
        assert_eq!(month_of(Language::English, 12, 2026), "December 2026");
        for wrong in [0, 13, -1] {
            assert!(month(wrong).is_none());
        }
    }

    #[test]
    fn each_act_has_its_own_words() {
        let acts = [
            action(Kind::Lead, "lead.qualify", "UPDATE"),
            action(Kind::Lead, "lead.update", "UPDATE"),
            action(Kind::Lead, "lead.create", "CREATE"),
            action(Kind::Lead, "lead.convert", "UPDATE"),
            action(Kind::Opportunity, "lead.convert", "CREATE"),
            action(Kind::Opportunity, "opportunity.stage", "UPDATE"),
            action(Kind::Activity, "activity.complete", "UPDATE"),
            action(Kind::Lead, "undo", "UPDATE"),
        ];
        for (n, act) in acts.iter().enumerate() {
            assert!(!acts[..n].contains(act), "{}", act.0);
        }
    }
}
