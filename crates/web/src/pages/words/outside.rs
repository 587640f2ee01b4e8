//! What the rules say of webhooks, forms on the web and tokens, as in [`super::messages::MESSAGES`].

/// Messages, and the same in Portuguese.
pub const MESSAGES: &[(&str, &str)] = &[
    (
        "Use an address such as https://example.com/hooks, without a user or a fragment.",
        "Use um endereço como https://example.com/hooks, sem usuário nem fragmento.",
    ),
    (
        "This address leads into a private network, where nothing is called.",
        "Este endereço leva a uma rede privada, onde nada é chamado.",
    ),
    (
        "A company has at most {} webhooks. Delete one first.",
        "Uma empresa tem no máximo {} webhooks. Exclua um antes.",
    ),
    (
        "Its secret can't be read. Make a new one.",
        "Não dá para ler o segredo. Gere outro.",
    ),
    (
        "Use an address that begins with https://.",
        "Use um endereço que comece com https://.",
    ),
    (
        "This host can't be found.",
        "Este servidor não foi encontrado.",
    ),
    ("Choose at least one event.", "Escolha ao menos um evento."),
    ("The receiver answered {}.", "O outro sistema respondeu {}."),
    (
        "No answer within {} seconds.",
        "Sem resposta em {} segundos.",
    ),
    ("The connection broke: {}.", "A conexão caiu: {}."),
    ("No connection: {}.", "Sem conexão: {}."),
    (
        "Skipped when the webhook went on.",
        "Pulado quando o webhook foi retomado.",
    ),
    (
        "A company has at most {} forms. Delete one first.",
        "Uma empresa tem no máximo {} formulários. Exclua um antes.",
    ),
    (
        "Ask for an e-mail address or a telephone, or nobody can answer.",
        "Pergunte o e-mail ou o telefone, ou ninguém poderá responder.",
    ),
    (
        "There is no custom field {} of leads.",
        "Não há campo personalizado {} de leads.",
    ),
    (
        "Only what the form asks for can be required.",
        "Só o que o formulário pergunta pode ser obrigatório.",
    ),
    (
        "This is no active member of the company.",
        "Esta pessoa não é da equipe ativa.",
    ),
    (
        "Use sites such as https://example.com.",
        "Use sites como https://example.com.",
    ),
    (
        "Use an address such as https://example.com/thanks.",
        "Use um endereço como https://example.com/obrigado.",
    ),
    (
        "A tag has at most 50 characters.",
        "Uma etiqueta tem no máximo 50 caracteres.",
    ),
    ("At most {} of them.", "No máximo {}."),
    ("Say how we can answer.", "Diga como podemos responder."),
    (
        "Agree to it, or we may not keep what you send.",
        "Sem o seu aceite não podemos guardar o que você envia.",
    ),
    (
        "This token lacks the scope {}.",
        "Esta chave não tem o escopo {}.",
    ),
    (
        "This takes a token without limits, or a session.",
        "Isto pede uma chave sem limites, ou uma sessão.",
    ),
    (
        "Choose at least one scope.",
        "Escolha ao menos uma permissão.",
    ),
    (
        "Without TLS, mail goes into networks alone that the installation lists. Use STARTTLS or TLS.",
        "Sem TLS, e-mail só sai para redes que a instalação permite. Use STARTTLS ou TLS.",
    ),
    (
        "Mail servers are called on the ports 25, 465, 587 and 2525.",
        "Servidores de e-mail usam as portas 25, 465, 587 e 2525.",
    ),
    (
        "Use the name of a mail server, such as smtp.example.com.",
        "Use o nome de um servidor de e-mail, como smtp.example.com.",
    ),
    (
        "Use an address such as sales@example.com.",
        "Use um endereço como vendas@example.com.",
    ),
    ("Use one line.", "Use uma só linha."),
    (
        "Its password can't be read. Type it in once more.",
        "A senha não pode ser lida. Digite-a de novo.",
    ),
    ("The server took too long.", "O servidor demorou demais."),
    (
        "It was read, or is not there to be seen.",
        "Já foi lido, ou não pode mais ser visto.",
    ),
    (
        "Name somebody: users, a team, or a fallback.",
        "Diga quem: pessoas, uma equipe, ou quem fica se ninguém puder.",
    ),
    (
        "There is no active member with the id {}.",
        "Não há pessoa ativa com o número {}.",
    ),
    (
        "There is no team with the id {}.",
        "Não há equipe com o número {}.",
    ),
    (
        "A company has at most {} rules.",
        "Uma empresa tem no máximo {} regras.",
    ),
];
