//! Customers and leads that are there twice.

use crate::pages::language::{Word, catalogue};
use sindico_crm::duplicates::Reason;
use sindico_domain::crm::{Kind, Record};

catalogue! {
    DUPLICATES = "Duplicados", "Duplicates";
    DUPLICATES_DETAIL = "O que parece ser o mesmo, por documento, e-mail, telefone ou nome.", "What looks like one, by document, e-mail, telephone or name.";
    NO_DUPLICATES = "Nada está em dobro", "Nothing is there twice";
    NO_DUPLICATES_DETAIL = "Ninguém tem o mesmo documento, e-mail, telefone ou nome que outro.", "Nobody shares a document, an e-mail address, a telephone or a name.";
    MAYBE_THERE = "Talvez já exista", "May be there already";
    fn group(n, reason) = "{n} com o mesmo: {reason}", "{n} with the same: {reason}";
    COMPARE = "Comparar", "Compare";
    MERGE = "Unir", "Merge";
    MERGE_TITLE = "Unir com outro", "Merge with another";
    fn stays_and_goes(stays, goes) = "“{stays}” fica; “{goes}” vai para a lixeira, e tudo que era dele passa para o que fica.", "“{stays}” stays; “{goes}” goes to the bin, and all that was its own goes to the one that stays.";
    SWAP = "Trocar qual fica", "Let the other one stay";
    WHAT_STAYS = "O que fica", "What stays";
    ALL_THE_SAME = "Os dois dizem o mesmo.", "Both say the same.";
    NOTHING = "(vazio)", "(empty)";
    BOTH = "Os dois", "Both";
    MERGE_DETAIL = "Oportunidades, leads e atividades são movidos. Dá para desfazer.", "Opportunities, leads and activities move. It can be undone.";
    NO_PARTNER = "Nenhum parecido", "Nothing alike";
    NO_PARTNER_DETAIL = "Ninguém tem o mesmo documento, e-mail, telefone ou nome.", "Nobody has the same document, e-mail address, telephone or name.";
    NOT_ONE_COMPANY = "Não são a mesma empresa", "Not the same company";
    NOT_ONE_PERSON = "Não são a mesma pessoa", "Not the same person";
    NOT_ONE_CUSTOMER = "Não são o mesmo cliente", "Not the same customer";
    NOT_ONE_DETAIL = "Se não são, o par sai da lista de duplicados e do aviso dos formulários. Dá para desfazer.", "If they are not, the two leave the list of duplicates and the hint of forms. It can be undone.";
    DISMISSED = "Não são duplicados", "Not duplicates";
    DISMISSED_DETAIL = "De quem alguém disse que não é o mesmo. Se passarem a ter mais alguma coisa em comum, aparecem de novo entre os duplicados.", "Of whom somebody said that they are not one. Once they share something else, they are among the duplicates again.";
    NONE_DISMISSED = "Ninguém foi marcado", "Nobody is marked";
    NONE_DISMISSED_DETAIL = "Na lista de duplicados, diga quais não são o mesmo: eles saem de lá e ficam aqui.", "In the list of duplicates, say which are not one: they leave it and stand here.";
    ONE = "Um", "One";
    OTHER = "Outro", "Other";
    COMMON = "Tinham em comum", "Had in common";
    SAID_BY = "Quem disse", "Said by";
    SAID_AT = "Quando", "When";
    SHOW_AGAIN = "Mostrar de novo", "Show again";
    DOCUMENT = "documento", "document";
    EMAIL = "e-mail", "e-mail";
    PHONE = "telefone", "telephone";
    NAME = "nome", "name";
}

/// What two share.
pub fn reason(reason: Reason) -> Word {
    match reason {
        Reason::Document => DOCUMENT,
        Reason::Email => EMAIL,
        Reason::Phone => PHONE,
        Reason::Name => NAME,
    }
}

/// That these are not one: people, companies, or customers of both sorts.
pub fn not_one(kind: Kind, records: &[&Record]) -> Word {
    let all = |sort: &str| records.iter().all(|record| record.text("kind") == sort);
    match kind {
        Kind::Customer if all("COMPANY") => NOT_ONE_COMPANY,
        Kind::Customer if !all("PERSON") => NOT_ONE_CUSTOMER,
        _ => NOT_ONE_PERSON,
    }
}
