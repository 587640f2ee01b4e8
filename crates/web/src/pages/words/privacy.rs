//! What people may ask for whose data are kept (LGPD).

use crate::pages::language::{Word, catalogue};
use sindico_crm::privacy::Why;
use sindico_domain::privacy::{Basis, ConsentState, RequestKind, RequestState};

catalogue! {
    TITLE = "Privacidade", "Privacy";
    LEAD = "O que a LGPD pede da empresa: responder em 15 dias a quem quer saber o que é guardado ou quer ser apagado, e não guardar para sempre.", "What the law (LGPD) asks of a company: to answer within 15 days whoever wants to know what is kept or wants to be erased, and not to keep data for ever.";
    REQUESTS = "Pedidos de titulares", "Requests of people";
    NO_REQUESTS = "Nenhum pedido", "No requests";
    NO_REQUESTS_TEXT = "Abra o cliente ou o lead da pessoa e escolha “Privacidade” no menu de ações.", "Open the person's customer or lead, and choose “Privacy” in the menu of actions.";
    KIND = "Pedido", "Request";
    STATE = "Situação", "State";
    RECEIVED = "Recebido em", "Received";
    DUE = "Responder até", "Answer by";
    LATE = "Atrasado", "Late";
    WHO = "De quem", "Whose";
    DONE_BY = "Respondido por", "Answered by";
    REASON = "Motivo da recusa", "Reason of the refusal";
    NOTE = "Como chegou", "How it arrived";
    NOTE_HINT = "É apagado junto com a pessoa.", "It is erased with the person.";
    ERASED = "Apagado", "Erased";
    PERSON = "O que é guardado desta pessoa", "What is kept of this person";
    PERSON_LEAD = "Confira quem mais pode ser a mesma pessoa. O que não for marcado fica como está.", "See who else may be the same person. What is not ticked stays as it is.";
    RECORDS = "Registros", "Records";
    ALIKE = "Podem ser a mesma pessoa", "May be the same person";
    NO_ALIKE = "Ninguém mais parece ser a mesma pessoa.", "Nobody else looks like the same person.";
    MENTIONS = "Também citam a pessoa", "Name the person, too";
    MENTIONS_TEXT = "São de outros e ficam como estão: veja o que mudar neles.", "These are of others and stay as they are: see what to change in them.";
    LOOK_AGAIN = "Ver com os marcados", "Look with those ticked";
    IN_BIN = "na lixeira", "in the bin";
    WOULD = "O que um apagamento apagaria", "What an erasure would erase";
    WOULD_NOTHING = "Nada: tudo já foi apagado.", "Nothing: all of it is erased already.";
    REGISTER = "Registrar o pedido", "Write the request down";
    CHOOSE = "O que a pessoa pede", "What the person asks for";
    COPY = "Baixar a cópia", "Download the copy";
    COPY_TEXT = "Tudo o que é guardado da pessoa, em um arquivo (artigos 18, II e 19).", "All that is kept of the person, in one file (articles 18, II and 19).";
    HANDED = "Marcar como entregue", "Mark as handed over";
    ERASE = "Apagar a pessoa", "Erase the person";
    ERASE_TEXT = "Nome, contatos, documentos e textos somem dos registros, do histórico, da busca, das importações, dos formulários, das vistas e dos registros de chamadas. Valores, etapas e datas ficam. Não há como desfazer.", "Names, contacts, documents and texts go from records, history, search, imports, forms, views and logs. Amounts, stages and days stay. It can't be undone.";
    CONFIRM = "Entendi que não há como desfazer", "I understand that it can't be undone";
    REFUSE = "Recusar", "Refuse";
    REFUSE_TEXT = "A pessoa tem direito ao motivo (artigo 18, § 4º), como uma lei que manda guardar.", "The person has a right to the reason (article 18, § 4), such as a law by which it must be kept.";
    RETENTION = "Prazos de guarda", "Retention";
    RETENTION_TEXT = "Depois de tantos meses sem nada feito, o registro é apagado como em um pedido. Nunca com venda em aberto ou atividade pendente.", "After so many months in which nothing was done, a record is erased as by a request. Never while a sale is open, or an activity to be done.";
    NO_RULES = "Nenhum prazo", "No rules";
    NEW_RULE = "Novo prazo", "New rule";
    RULE_NAME = "Nome", "Name";
    RULE_KIND = "De quem", "Of whom";
    RULE_FILTER = "Quais", "Which";
    RULE_ALL = "Todos", "All of them";
    RULE_KEEP = "Como está", "As it is";
    RULE_MONTHS = "Meses sem nada feito", "Months in which nothing was done";
    RULE_ACTIVE = "Ativo", "Active";
    RULE_OFF = "Inativo", "Not active";
    RULE_ACTIVE_HINT = "Enquanto não estiver ativo, só mostra quem seria apagado.", "Until it is active it only shows who would be erased.";
    RULE_RAN = "Última vez", "Last time";
    RULE_ERASED = "Pessoas apagadas", "People erased";
    RULE_DUE = "Quem seria apagado agora", "Who would be erased now";
    RULE_NOBODY = "Ninguém.", "Nobody.";
    RULE_RUN = "Apagar agora", "Erase now";
    RULE_DELETED = "O prazo foi excluído.", "The rule is deleted.";
    RESTORE = "Trazer de volta", "Bring it back";
    ADD_RULE = "Criar prazo", "Make the rule";
    REMOVE = "Excluir", "Delete";
    NEVER = "Nunca", "Never";
    ACCESSES = "Quem viu os dados", "Who saw the data";
    ACCESSES_TEXT = "Cada cliente ou lead aberto, por pessoa e dia.", "Each customer or lead that was opened, by user and day.";
    NO_ACCESSES = "Ninguém ainda", "Nobody yet";
    NO_ACCESSES_TEXT = "As consultas aparecem alguns segundos depois.", "Looks appear some seconds later.";
    RECORD = "Registro", "Record";
    USER = "Quem", "Who";
    DAY = "Dia", "Day";
    TIMES = "Vezes", "Times";
    LAST = "Por último", "Last";
    GROUNDS = "Bases legais e consentimentos", "Grounds and consents";
    GROUNDS_TEXT = "Nada é alterado aqui: quem retira um consentimento acrescenta uma linha. De cada finalidade vale a última.", "Nothing is changed here: who takes a consent back adds a line. Of each purpose the latest counts.";
    NO_GROUNDS = "Nada registrado", "Nothing written down";
    ADD_GROUND = "Acrescentar", "Add";
    PURPOSE = "Finalidade", "Purpose";
    BASIS = "Base legal", "Ground";
    SOURCE = "Onde foi dito", "Where it was said";
    EVIDENCE = "Prova", "Evidence";
    AT = "Quando", "When";
    ERASED_CHANGE = "Dados pessoais apagados", "Personal data erased";
    STALE = "Mudou enquanto isso. Veja como está agora.", "It has changed meanwhile. See how it is now.";
    ENDED = "Este pedido já foi respondido.", "This request was answered already.";
    fn open_sales(count) = "{count} vendas em aberto", "{count} sales that are not decided";
    fn more_than(count) = "Mais de {count}", "More than {count}";
}

/// What a person asks for.
pub fn kind(kind: RequestKind) -> Word {
    match kind {
        RequestKind::Export => Word("Cópia dos dados", "A copy of the data"),
        RequestKind::Erasure => Word("Apagamento", "Erasure"),
    }
}

/// How far it has come.
pub fn state(state: RequestState) -> Word {
    match state {
        RequestState::Open => Word("Em aberto", "Open"),
        RequestState::Done => Word("Atendido", "Done"),
        RequestState::Refused => Word("Recusado", "Refused"),
    }
}

/// Why somebody may be the same person.
pub fn why(why: Why) -> Word {
    match why {
        Why::Belongs => Word("ligado a este", "belongs to this one"),
        Why::Email => Word("mesmo e-mail", "same e-mail address"),
        Why::Document => Word("mesmo CPF ou CNPJ", "same CPF or CNPJ"),
        Why::Phone => Word("mesmo telefone", "same telephone"),
    }
}

/// A ground of the law.
pub fn basis(basis: Basis) -> Word {
    match basis {
        Basis::Consent => Word("Consentimento (art. 7º, I)", "Consent (article 7, I)"),
        Basis::LegalObligation => Word("Obrigação legal (II)", "Legal obligation (II)"),
        Basis::Contract => Word("Contrato (V)", "Contract (V)"),
        Basis::LegalClaims => Word("Processo (VI)", "Legal claims (VI)"),
        Basis::LegitimateInterest => Word("Legítimo interesse (IX)", "Legitimate interest (IX)"),
        Basis::CreditProtection => Word("Proteção do crédito (X)", "Credit protection (X)"),
    }
}

/// Whether it holds.
pub fn holds(state: ConsentState) -> Word {
    match state {
        ConsentState::Granted => Word("Vale", "Holds"),
        ConsentState::Revoked => Word("Retirado", "Taken back"),
    }
}

/// Where something was erased.
pub fn place(name: &str) -> Word {
    match name {
        "customer" => Word("Clientes", "Customers"),
        "lead" => Word("Leads", "Leads"),
        "opportunity" => Word("Vendas", "Sales"),
        "activity" => Word("Atividades", "Activities"),
        "changes" => Word("Histórico", "History"),
        "consents" => Word("Bases legais", "Grounds"),
        "import_rows" => Word("Linhas importadas", "Imported rows"),
        "form_entries" => Word("Envios de formulários", "What forms were sent"),
        "webhook_answers" => Word("Respostas de webhooks", "Answers to webhooks"),
        "repeated_requests" => Word("Pedidos repetíveis da API", "Repeatable requests"),
        "dismissed" => Word("Marcas de “não é duplicado”", "Marks of “no duplicate”"),
        "export_log" => Word("Registro de exportações", "Log of exports"),
        "imports" => Word("Nomes de arquivos", "Names of files"),
        "rules" => Word("Prazos de guarda", "Rules of retention"),
        "views" => Word("Vistas salvas", "Saved views"),
        _ => Word("Outros", "Others"),
    }
}
