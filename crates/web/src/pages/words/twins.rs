//! Customers and leads that are there twice.

use crate::pages::language::{Word, catalogue};
use sindico_crm::duplicates::Reason;

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
