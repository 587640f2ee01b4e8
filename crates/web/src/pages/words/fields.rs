//! What the fields of records are called, and a word of help for those who fill them.

use crate::pages::language::Word;
use sindico_domain::crm::Kind;

/// What a field is called.
pub fn label(kind: Kind, field: &str) -> Word {
    known(kind, field).unwrap_or(Word("Campo", "Field"))
}

/// The name of a field; `None` for one that nobody has named yet, which a test finds.
fn known(kind: Kind, field: &str) -> Option<Word> {
    Some(match (kind, field) {
        (Kind::Lead | Kind::Customer | Kind::Opportunity | Kind::Activity, "custom_fields") => {
            Word("Campos personalizados", "Custom fields")
        }
        (Kind::Lead, "name") => Word("Pessoa", "Person"),
        (Kind::Customer, "name") => Word("Nome", "Name"),
        (Kind::Customer, "kind") => Word("Tipo", "Type"),
        (Kind::Customer, "addresses") => Word("Endereços", "Addresses"),
        (Kind::Customer, "contacts") => Word("Outros contatos", "Other contacts"),
        (Kind::Customer | Kind::Lead, "email") => Word("E-mail", "E-mail"),
        (Kind::Customer | Kind::Lead, "phone") => Word("Telefone", "Phone"),
        (Kind::Customer | Kind::Lead, "document") => Word("CPF ou CNPJ", "CPF or CNPJ"),
        (Kind::Lead, "source") => Word("Origem", "Source"),
        (Kind::Lead, "company") => Word("Empresa", "Company"),
        (Kind::Lead, "score") => Word("Pontuação", "Score"),
        (Kind::Lead, "budget") => Word("Orçamento", "Budget"),
        (Kind::Lead, "disqualification_reason") => {
            Word("Motivo do descarte", "Reason for disqualifying")
        }
        (Kind::Lead | Kind::Opportunity, "customer") => Word("Cliente", "Customer"),
        (Kind::Lead | Kind::Activity, "status") => Word("Situação", "Status"),
        (Kind::Opportunity, "source_lead") => Word("Lead de origem", "Source lead"),
        (Kind::Opportunity | Kind::Activity, "title") => Word("Título", "Title"),
        (Kind::Opportunity, "stage") => Word("Etapa", "Stage"),
        (Kind::Opportunity, "pipeline") => Word("Funil", "Pipeline"),
        (Kind::Opportunity, "stage_since") => Word("Na etapa desde", "In its stage since"),
        (Kind::Opportunity, "rots_at") => Word("Esfria em", "Rots at"),
        (Kind::Opportunity, "days_in_stage") => Word("Dias na etapa", "Days in its stage"),
        (Kind::Opportunity, "rotting") => Word("Esfriando", "Rotting"),
        (Kind::Opportunity, "amount") => Word("Valor", "Amount"),
        (Kind::Opportunity, "expected_close_date") => {
            Word("Previsão de fechamento", "Expected close")
        }
        (Kind::Opportunity, "probability") => Word("Probabilidade (%)", "Probability (%)"),
        (Kind::Opportunity, "next_step") => Word("Próximo passo", "Next step"),
        (Kind::Opportunity, "loss_reason") => Word("Motivo da perda", "Reason for the loss"),
        (Kind::Opportunity, "closed_at") => Word("Encerrada em", "Closed"),
        (Kind::Opportunity, "rank") => Word("Posição no quadro", "Place on the board"),
        (Kind::Customer | Kind::Lead | Kind::Opportunity, "owner") => Word("Responsável", "Owner"),
        (Kind::Customer | Kind::Lead | Kind::Opportunity, "tags") => Word("Etiquetas", "Tags"),
        (Kind::Activity, "kind") => Word("Tipo", "Type"),
        (Kind::Activity, "description") => Word("Descrição", "Description"),
        (Kind::Activity, "priority") => Word("Prioridade", "Priority"),
        (Kind::Activity, "due_at") => Word("Prazo", "Due"),
        (Kind::Activity, "reminder_at") => Word("Lembrete", "Reminder"),
        (Kind::Activity, "reminder_sent") => Word("Lembrete enviado", "Reminder sent"),
        (Kind::Activity, "sla_hours") => Word("Atender em (horas)", "SLA (hours)"),
        (Kind::Activity, "sla_due_at") => Word("Atender até", "SLA limit"),
        (Kind::Activity, "completed_at") => Word("Concluída em", "Completed"),
        (Kind::Activity, "lead") => Word("Lead", "Lead"),
        (Kind::Activity, "opportunity") => Word("Oportunidade", "Opportunity"),
        (Kind::Activity, "assigned_to") => Word("Responsável", "Assigned to"),
        (Kind::Activity, "created_by") => Word("Criada por", "Created by"),
        (Kind::Activity, "outcome") => Word("Resultado", "Outcome"),
        (Kind::Activity, "duration_minutes") => Word("Duração (minutos)", "Duration (minutes)"),
        (Kind::Activity, "is_overdue") => Word("Atrasada", "Overdue"),
        (Kind::Activity, "is_sla_breached") => Word("Atendimento atrasado", "Beyond its SLA"),
        (Kind::SalesGoal, "year") => Word("Ano", "Year"),
        (Kind::SalesGoal, "month") => Word("Mês", "Month"),
        (Kind::SalesGoal, "assignee") => Word("De quem", "Whose"),
        (Kind::SalesGoal, "amount") => Word("Meta", "Goal"),
        (_, "notes") => Word("Observações", "Notes"),
        _ => return None,
    })
}

/// What helps to fill a field; `None` when its name says it all.
pub fn help(kind: Kind, field: &str) -> Option<Word> {
    Some(match (kind, field) {
        (Kind::Customer, "email") => Word("Um por cliente.", "One per customer."),
        (Kind::Customer | Kind::Lead, "phone") => Word("Com DDD.", "With its area code."),
        (Kind::Customer | Kind::Lead, "document") => {
            Word("Os dígitos são conferidos.", "Its digits are verified.")
        }
        (Kind::Customer, "kind") => Word("Vazio: o documento diz.", "Empty: the document tells."),
        (Kind::Lead, "source") => Word(
            "Indicação, site, feira...",
            "A referral, the site, a fair...",
        ),
        (Kind::Lead, "score") => Word(
            "De 0 a 100: quanto promete.",
            "From 0 to 100: how promising it is.",
        ),
        (Kind::Lead, "customer") => Word("Se já é cliente.", "If it is one already."),
        (Kind::Lead, "company") => Word("Onde a pessoa trabalha.", "Whom the person works for."),
        (Kind::Opportunity, "customer") => {
            Word("Digite o nome e escolha.", "Type the name and choose.")
        }
        (Kind::Opportunity, "source_lead") => {
            Word("Se a venda veio de um.", "If the sale came from one.")
        }
        (Kind::Opportunity, "loss_reason") => Word(
            "Por que a venda não aconteceu.",
            "Why the sale did not come about.",
        ),
        (Kind::Opportunity, "probability") => {
            Word("De 0 a 100 por cento.", "From 0 to 100 per cent.")
        }
        (Kind::Opportunity, "next_step") => Word(
            "O que falta para avançar.",
            "What has to be done to get on.",
        ),
        (Kind::Activity, "reminder_at") => Word("Até o prazo.", "Not after it is due."),
        (Kind::Activity, "sla_hours") => {
            Word("Horas desde a criação.", "Hours after its creation.")
        }
        (Kind::Activity, "lead" | "opportunity") => Word(
            "De um lead ou de uma oportunidade.",
            "Of a lead or an opportunity.",
        ),
        (Kind::Activity, "outcome") => Word("O que resultou.", "What came of it."),
        (Kind::SalesGoal, "assignee") => {
            Word("Vazio: da empresa toda.", "Empty: the whole company's.")
        }
        (Kind::Customer | Kind::Lead | Kind::Opportunity, "tags") => {
            Word("Separadas por vírgulas.", "With commas between them.")
        }
        _ => return None,
    })
}

/// What the parts of an address are called, in the order of their form.
pub const ADDRESS: [(&str, Word); 9] = [
    ("label", Word("Nome do endereço", "Name of the address")),
    ("cep", Word("CEP", "CEP")),
    ("street", Word("Rua", "Street")),
    ("number", Word("Número", "Number")),
    ("complement", Word("Complemento", "Complement")),
    ("district", Word("Bairro", "District")),
    ("city", Word("Cidade", "City")),
    ("state", Word("UF", "State")),
    ("country", Word("País", "Country")),
];

/// What the parts of a contact are called.
pub const CONTACT: [(&str, Word); 3] = [
    ("kind", Word("Meio", "By")),
    ("value", Word("Contato", "Contact")),
    ("label", Word("De quem, ou para quê", "Whose, or what for")),
];

/// The name of a part of a list's entry.
pub fn part(name: &str) -> Option<Word> {
    let all = ADDRESS.iter().chain(&CONTACT);
    all.into_iter()
        .find(|(part, _)| *part == name)
        .map(|(_, word)| *word)
}

/// A word that a field can hold, as people say it.
pub fn value(kind: Kind, field: &str, word: &str) -> Option<Word> {
    Some(match (kind, field, word) {
        (Kind::Customer, "kind", "COMPANY") => Word("Empresa", "Company"),
        (Kind::Customer, "kind", "PERSON") => Word("Pessoa", "Person"),
        (Kind::Lead, "status", "NEW") => Word("Novo", "New"),
        (Kind::Lead, "status", "QUALIFIED") => Word("Qualificado", "Qualified"),
        (Kind::Lead, "status", "DISQUALIFIED") => Word("Descartado", "Disqualified"),
        (Kind::Lead, "status", "CONVERTED") => Word("Convertido", "Converted"),
        (Kind::Opportunity, "stage", "DISCOVERY") => Word("Descoberta", "Discovery"),
        (Kind::Opportunity, "stage", "PROPOSAL") => Word("Proposta", "Proposal"),
        (Kind::Opportunity, "stage", "NEGOTIATION") => Word("Negociação", "Negotiation"),
        (Kind::Opportunity, "stage", "WON") => Word("Ganha", "Won"),
        (Kind::Opportunity, "stage", "LOST") => Word("Perdida", "Lost"),
        (Kind::Activity, "kind", "TASK") => Word("Tarefa", "Task"),
        (Kind::Activity, "kind", "FOLLOW_UP") => Word("Retorno", "Follow-up"),
        (Kind::Activity, "kind", "NOTE") => Word("Anotação", "Note"),
        (Kind::Activity, "kind", "CALL") => Word("Ligação", "Call"),
        (Kind::Activity, "kind", "MEETING") => Word("Reunião", "Meeting"),
        (Kind::Activity, "kind", "EMAIL") => Word("E-mail", "E-mail"),
        (Kind::Activity, "kind", "WHATSAPP") => Word("WhatsApp", "WhatsApp"),
        (Kind::Activity, "status", "PENDING") => Word("Pendente", "Pending"),
        (Kind::Activity, "status", "DONE") => Word("Concluída", "Done"),
        (Kind::Activity, "status", "CANCELED") => Word("Cancelada", "Canceled"),
        (Kind::Activity, "priority", "LOW") => Word("Baixa", "Low"),
        (Kind::Activity, "priority", "MEDIUM") => Word("Média", "Medium"),
        (Kind::Activity, "priority", "HIGH") => Word("Alta", "High"),
        (Kind::Activity, "priority", "URGENT") => Word("Urgente", "Urgent"),
        _ => return None,
    })
}

/// Ways to reach somebody.
pub fn contact_kind(word: &str) -> Option<Word> {
    Some(match word {
        "EMAIL" => Word("E-mail", "E-mail"),
        "PHONE" => Word("Telefone", "Phone"),
        "WHATSAPP" => Word("WhatsApp", "WhatsApp"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sindico_domain::crm::FieldType;

    #[test]
    fn every_field_has_a_name_and_every_word_another() {
        for &kind in Kind::ALL {
            for field in kind.fields() {
                assert!(known(kind, field.name).is_some(), "{kind}.{}", field.name);
                if let FieldType::Choice(words) = field.ty {
                    for word in words {
                        assert!(value(kind, field.name, word).is_some(), "{kind} {word}");
                    }
                }
            }
        }
        assert!(known(Kind::Customer, "stage").is_none());
    }

    /// Two fields of the same name on one page are one too many.
    #[test]
    fn no_two_fields_of_a_kind_have_the_same_name() {
        for &kind in Kind::ALL {
            let mut names: Vec<Word> = kind.fields().iter().map(|f| label(kind, f.name)).collect();
            let all = names.len();
            names.sort_by_key(|word| word.0);
            names.dedup();
            assert_eq!(names.len(), all, "{kind}");
        }
    }

    #[test]
    fn every_part_of_a_list_has_a_name() {
        for name in ["label", "cep", "state", "country", "kind", "value"] {
            assert!(part(name).is_some(), "{name}");
        }
        for word in ["EMAIL", "PHONE", "WHATSAPP"] {
            assert!(contact_kind(word).is_some(), "{word}");
        }
    }
}
