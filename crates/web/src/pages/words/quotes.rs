//! Products, and quotes that are made of them.

use crate::pages::kit::format;
use crate::pages::language::{Language, Word, catalogue};
use rust_decimal::Decimal;
use sindico_domain::quote::Shown;

catalogue! {
    QUOTES = "Propostas", "Quotes";
    QUOTE = "Proposta", "Quote";
    NEW_QUOTE = "Nova proposta", "New quote";
    NO_QUOTES = "Nenhuma proposta ainda.", "No quotes yet.";
    DRAFT_OF = "Rascunho de proposta", "Draft of a quote";
    SALE = "Oportunidade", "Opportunity";
    VALID_UNTIL = "Válida até", "Valid until";
    LANGUAGE = "Idioma da proposta", "Language of the quote";
    NOTES = "Mensagem ao cliente", "Note to the customer";
    TERMS = "Condições", "Terms";
    LINES = "Itens", "Lines";
    LINE = "Item", "Line";
    WHAT = "O quê", "What";
    PRODUCT_OF = "Produto", "Product";
    FREE_TEXT = "Texto livre", "Free text";
    NAME = "Nome", "Name";
    UNIT = "Unidade", "Unit";
    QUANTITY = "Quantidade", "Quantity";
    PRICE = "Preço", "Price";
    DISCOUNT = "Desconto (%)", "Discount (%)";
    TOTAL = "Total", "Total";
    ADD_LINE = "Acrescentar item", "Add a line";
    LINE_HELP = "Um item sem nome e sem produto sai da proposta. Sem nome e preço, valem os do produto.", "A line without a name and a product leaves the quote. Without a name and a price it takes the product's.";
    SAVE = "Salvar proposta", "Save the quote";
    SEND = "Enviar: criar o link", "Send: make the link";
    EDIT = "Editar", "Edit";
    PRINT = "Imprimir", "Print";
    REVISE = "Revisar", "Revise";
    CANCEL_QUOTE = "Cancelar proposta", "Cancel the quote";
    DELETE_DRAFT = "Excluir rascunho", "Delete the draft";
    NEW_LINK = "Criar outro link", "Make another link";
    NO_LINK = "Tirar o link", "Take the link away";
    TOOK = "O cliente aceitou", "The customer accepted";
    LEFT = "O cliente recusou", "The customer declined";
    USE_AMOUNT = "Usar o total na oportunidade", "Give the opportunity this amount";
    LINK_ONCE = "Copie o link agora e mande ao cliente: ele não é mostrado de novo.", "Copy the link now and send it to the customer: it is not shown again.";
    LINK = "Link da proposta", "Link of the quote";
    LINK_LIVES = "O link abre até", "The link opens until";
    SENT_ON = "Enviada em", "Sent on";
    SEEN_ON = "Aberta pelo cliente em", "Opened by the customer on";
    DECIDED_ON = "Respondida em", "Answered on";
    DECIDED_BY = "Por quem", "By whom";
    STANDS_FOR = "No lugar de", "In the place of";
    REPLACED = "Outra proposta está no lugar desta", "Another quote stands in its place";
    YOUR_ANSWER = "Sua resposta", "Your answer";
    YOUR_NAME = "Seu nome", "Your name";
    CONFIRM = "Confirmo a minha resposta", "I confirm my answer";
    ACCEPT = "Aceitar a proposta", "Accept the quote";
    DECLINE = "Recusar", "Decline";
    WRONG = "Confira o que está marcado abaixo.", "See what is marked below.";
    OVER = "O prazo desta proposta terminou.", "The time of this quote is over.";
    PRODUCTS = "Produtos", "Products";
    PRODUCTS_LEAD = "O que a empresa vende, com o preço de partida das propostas. Propostas prontas guardam o nome e o preço que tinham.", "What the company sells, with the price that quotes begin from. Quotes keep the name and the price that they had.";
    NEW_PRODUCT = "Novo produto", "New product";
    NO_PRODUCTS = "Nenhum produto", "No products";
    NO_PRODUCTS_TEXT = "Cadastre o que a empresa vende para montar propostas mais depressa.", "Write down what the company sells, to make quotes faster.";
    CODE = "Código", "Code";
    DESCRIPTION = "Descrição", "Description";
    OFFERED = "Oferecido em novas propostas", "Offered in new quotes";
    NOT_OFFERED = "Não oferecido", "Not offered";
    DELETE_PRODUCT = "Excluir produto", "Delete the product";
    PRODUCT_GONE = "Produto excluído. Propostas guardam o que têm dele.", "The product is deleted. Quotes keep what they have of it.";
    BRING_BACK = "Trazer de volta", "Bring it back";
    STATUS = "Situação", "Status";
    fn for_whom(name) = "para {name}", "for {name}";
    fn accepted_by(name) = "Aceita por {name}. Obrigado!", "Accepted by {name}. Thank you!";
    fn rejected_by(name) = "Recusada por {name}.", "Declined by {name}.";
    fn ask_again(name) = "Peça uma nova a {name}.", "Ask {name} for a new one.";
}

/// What a quote is called: by its number, once it has one.
pub fn titled(language: Language, label: &str) -> String {
    match label {
        "" => DRAFT_OF.in_(language).to_owned(),
        label => format!("{} {label}", QUOTE.in_(language)),
    }
}

/// A quantity or a percentage without zeros that say nothing.
pub fn amount_of(language: Language, number: Decimal) -> String {
    let number = number.normalize();
    format::decimal(language, number, number.scale())
}

/// How far a quote has come.
pub fn status(status: Shown) -> Word {
    match status {
        Shown::Draft => Word("Rascunho", "Draft"),
        Shown::Sent => Word("Enviada", "Sent"),
        Shown::Accepted => Word("Aceita", "Accepted"),
        Shown::Rejected => Word("Recusada", "Declined"),
        Shown::Canceled => Word("Cancelada", "Canceled"),
        Shown::Expired => Word("Vencida", "Expired"),
        Shown::Revised => Word("Revisada", "Revised"),
    }
}

/// What the rules say of quotes and products, as in [`super::messages::MESSAGES`].
pub const MESSAGES: &[(&str, &str)] = &[
    (
        "A quote that was sent stays as it is. Cancel it, or revise it.",
        "Uma proposta enviada fica como está. Cancele-a, ou revise-a.",
    ),
    (
        "This quote was answered, canceled or revised.",
        "Esta proposta já foi respondida, cancelada ou revisada.",
    ),
    (
        "Only a quote that nobody has answered can be canceled.",
        "Só dá para cancelar uma proposta que ninguém respondeu.",
    ),
    (
        "Confirm it, so that nothing is answered by mistake.",
        "Confirme, para que nada seja respondido por engano.",
    ),
    (
        "All lines together come to more than a sale can be worth.",
        "Os itens juntos passam do que uma venda pode valer.",
    ),
    (
        "Another quote stands in its place already.",
        "Outra proposta já está no lugar desta.",
    ),
    (
        "Another quote has this number and revision by now.",
        "Outra proposta já tem este número e esta revisão.",
    ),
    (
        "Another product has this code already.",
        "Outro produto já tem este código.",
    ),
    (
        "A company has at most {} products. Delete one first.",
        "Uma empresa tem no máximo {} produtos. Exclua um antes.",
    ),
    (
        "It was not sent: change it as it is.",
        "Ela não foi enviada: altere-a como está.",
    ),
    (
        "It was not sent: delete it instead.",
        "Ela não foi enviada: exclua-a.",
    ),
    (
        "This quote was accepted or canceled.",
        "Esta proposta foi aceita ou cancelada.",
    ),
    (
        "This quote was sent already.",
        "Esta proposta já foi enviada.",
    ),
    (
        "This quote was not sent yet.",
        "Esta proposta ainda não foi enviada.",
    ),
    (
        "This quote is over. Revise it.",
        "O prazo desta proposta terminou. Revise-a.",
    ),
    ("This quote has no link.", "Esta proposta não tem link."),
    (
        "A quote has at least one line.",
        "Uma proposta tem ao menos um item.",
    ),
    (
        "A quote has at most {} lines.",
        "Uma proposta tem no máximo {} itens.",
    ),
    (
        "A sale has at most {} quotes.",
        "Uma venda tem no máximo {} propostas.",
    ),
    (
        "Use a day that is not over.",
        "Use um dia que ainda não passou.",
    ),
    (
        "There is no product with the id {}.",
        "Não há produto com o número {}.",
    ),
    (
        "The product with the id {} is not offered any more.",
        "O produto com o número {} não é mais oferecido.",
    ),
    (
        "Expected a list of lines.",
        "Era esperada uma lista de itens.",
    ),
    ("Use 1 to 120 characters.", "Use de 1 a 120 caracteres."),
    ("Use more than 0.", "Use mais que 0."),
    ("Use 0 to 100.", "Use de 0 a 100."),
];
