//! What the rules say, in both languages: the rules speak English, to programs.

/// Messages, and the same in Portuguese; each `{}` stands for a value, in both in the same order. Those with
/// more words of their own come first: a pattern must not take what another means.
pub const MESSAGES: &[(&str, &str)] = &[
    (
        "The platform API does not answer on this host. Use the host of the control plane, or add this one to CONTROL_PLANE_ALLOWED_HOSTS.",
        "O console não atende neste endereço. Use o endereço do painel da plataforma, ou acrescente este a CONTROL_PLANE_ALLOWED_HOSTS.",
    ),
    (
        "An execution with other parameters is at work on this tenant. Wait for it, or cancel it.",
        "Uma execução com outros parâmetros está em curso nesta empresa. Espere, ou cancele-a.",
    ),
    (
        "Name a customer: this lead has no e-mail address, without which none can be made of it.",
        "Escolha um cliente: este lead não tem e-mail, e sem ele não dá para criar um.",
    ),
    (
        "A telephone has 8 digits after its area code (DDD), a mobile 9 that begin with 9.",
        "Um telefone tem 8 dígitos depois do DDD; um celular tem 9 e começa com 9.",
    ),
    (
        "There is no such tenant, or it is not active, or you are not a member of it.",
        "Esta empresa não existe, não está ativa, ou você não participa dela.",
    ),
    (
        "This request by session lacks its CSRF proof. Send the header X-CSRF-Token.",
        "Esta página ficou aberta de outra sessão. Recarregue-a e envie de novo.",
    ),
    (
        "This is the shared database. Choose another name for a database of its own.",
        "Este é o banco compartilhado. Escolha outro nome para um banco próprio.",
    ),
    (
        "This form was sent by another site. Open the page here, and send it again.",
        "Este formulário veio de outro site. Abra a página aqui e envie de novo.",
    ),
    (
        "It was undone before, by the change set {}. Undo that one to have it again.",
        "Já foi desfeito, pela mudança {}. Desfaça aquela para ter de volta.",
    ),
    (
        "You can't give up your own ownership. Another owner can take it from you.",
        "Você não pode abrir mão da própria propriedade. Outro proprietário pode tirá-la de você.",
    ),
    (
        "It has changed since you read it. Read it again, then repeat the change.",
        "Alguém mudou isto depois que você abriu. Recarregue e repita a mudança.",
    ),
    (
        "There is a goal for this month already, for the same member or for all.",
        "Já existe uma meta para este mês, desta pessoa ou de todos.",
    ),
    (
        "This tenant's data are being brought up to date. Try again in a moment.",
        "Os dados desta empresa estão sendo atualizados. Tente de novo em instantes.",
    ),
    (
        "The TXT record {} must say {}, and {}. DNS may take a while; then try again.",
        "O registro TXT {} precisa dizer {}, e {}. O DNS pode demorar; tente de novo depois.",
    ),
    (
        "To undo this is to use {} on {}, which your role may not in this tenant.",
        "Seu papel nesta empresa não permite desfazer isto ({} em {}).",
    ),
    (
        "The role {} may not use {} on {} in this tenant. An owner can change that.",
        "O papel {} não permite isto nesta empresa ({} em {}). Um proprietário pode mudar.",
    ),
    (
        "This name belongs to the platform. Use a domain of the tenant's own.",
        "Este nome é da plataforma. Use um domínio da própria empresa.",
    ),
    (
        "This is the tenant's last owner. Make another member an owner first.",
        "Esta pessoa é o último proprietário. Torne outra pessoa proprietária antes.",
    ),
    (
        "A CPF has 11 digits, a CNPJ 14 characters that end with two digits.",
        "Um CPF tem 11 dígitos; um CNPJ, 14 caracteres que terminam com dois dígitos.",
    ),
    (
        "Use letters without accents, digits, hyphens and underscores only.",
        "Use só letras sem acento, dígitos, hífens e sublinhados.",
    ),
    (
        "An operation is at work on this tenant. Wait for it, or cancel it.",
        "Uma operação está em curso nesta empresa. Espere, ou cancele-a.",
    ),
    (
        "An activity is about a lead or an opportunity: name one of them.",
        "Uma atividade é sobre um lead ou uma oportunidade: escolha um deles.",
    ),
    (
        "An execution of this tenant is being canceled. Wait for its end.",
        "Uma execução desta empresa está sendo cancelada. Espere terminar.",
    ),
    (
        "Expected an instant as RFC 3339, such as 2026-11-23T12:00:00Z.",
        "Escreva data e hora, como 23/11/2026 09:00.",
    ),
    (
        "The check digits of this {} are wrong: look for a typing error.",
        "Os dígitos verificadores deste {} não conferem: procure um erro de digitação.",
    ),
    (
        "Name a customer: none fits this lead, and none is to be made.",
        "Escolha um cliente: nenhum combina com este lead.",
    ),
    (
        "The service is not available for a moment. Try again shortly.",
        "O serviço está indisponível por um momento. Tente de novo em instantes.",
    ),
    (
        "Write a telephone with digits only, such as (11) 98765-4321.",
        "Escreva o telefone só com dígitos, como (11) 98765-4321.",
    ),
    (
        "This activity has no reminder: give it a reminder_at first.",
        "Esta atividade não tem lembrete: defina um antes.",
    ),
    (
        "This is not a cursor of ours. Take it from the Link header.",
        "Este endereço de página não vale. Volte ao início da lista.",
    ),
    (
        "This account was changed at the same moment. Sign in again.",
        "Esta conta foi mudada neste instante. Entre de novo.",
    ),
    (
        "This database belongs to the platform. Choose another name.",
        "Este banco é da plataforma. Escolha outro nome.",
    ),
    (
        "This Idempotency-Key was used before with another request.",
        "Este formulário já foi enviado com outros dados. Abra-o de novo.",
    ),
    (
        "This password is one of the first that anybody would try.",
        "Esta senha é uma das primeiras que qualquer pessoa tentaria.",
    ),
    (
        "Use one of: {}; with a minus sign for the other way round.",
        "Use um destes: {}; com sinal de menos para a ordem inversa.",
    ),
    (
        "A canceled activity can't be completed: reopen it first.",
        "Uma atividade cancelada não pode ser concluída: reabra-a antes.",
    ),
    (
        "A telephone with its country's code has 8 to 15 digits.",
        "Um telefone com código do país tem de 8 a 15 dígitos.",
    ),
    (
        "This name belongs to PostgreSQL itself. Choose another.",
        "Este nome é do próprio PostgreSQL. Escolha outro.",
    ),
    (
        "The area code (DDD) is missing: write (11) 98765-4321.",
        "Falta o DDD: escreva (11) 98765-4321.",
    ),
    (
        "There is no active member with this id in this tenant.",
        "Esta pessoa não participa mais desta empresa.",
    ),
    (
        "What it changed has changed since. Nothing was undone.",
        "O que isto mudou já mudou de novo. Nada foi desfeito.",
    ),
    (
        "Use letters without accents, digits and hyphens only.",
        "Use só letras sem acento, dígitos e hífens.",
    ),
    (
        "Expected an address such as https://acme.example.com.",
        "Escreva um endereço como https://acme.example.com.",
    ),
    (
        "Expected an e-mail address, such as ana@example.com.",
        "Escreva um e-mail, como ana@exemplo.com.br.",
    ),
    (
        "This tenant is not ready yet. Try again in a moment.",
        "Esta empresa ainda está sendo preparada. Tente de novo em instantes.",
    ),
    (
        "An opportunity that is {} stays so: it can't become {}.",
        "Uma oportunidade em {} fica como está: não pode ir para {}.",
    ),
    (
        "This link is not valid any more. Ask for a new one.",
        "Este link não vale mais. Peça um novo.",
    ),
    (
        "Another customer has this e-mail address already.",
        "Outro cliente já tem este e-mail.",
    ),
    (
        "Use a password that is not your name or address.",
        "Use uma senha que não seja o seu nome nem o seu endereço.",
    ),
    (
        "Another tenant has this database on this server.",
        "Outra empresa já tem este banco neste servidor.",
    ),
    (
        "DNS does not answer for {}. Try again in a moment.",
        "O DNS não responde por {}. Tente de novo em instantes.",
    ),
    (
        "A user with this e-mail address exists already.",
        "Já existe um usuário com este e-mail.",
    ),
    (
        "Use a whole name, such as crm.padaria.com.br.",
        "Use um nome completo, como crm.padaria.com.br.",
    ),
    (
        "Another tenant has this role on this server.",
        "Outra empresa já tem este papel neste servidor.",
    ),
    (
        "A lead that is {} stays so: it can't become {}.",
        "Um lead {} fica como está: não pode passar a {}.",
    ),
    (
        "This subdomain is reserved. Choose another.",
        "Este subdomínio é reservado. Escolha outro.",
    ),
    (
        "The form is too large, or ended too early.",
        "O formulário é grande demais, ou chegou incompleto.",
    ),
    (
        "This tenant has no place for its data yet.",
        "Esta empresa ainda não tem lugar para seus dados.",
    ),
    (
        "Use a date that is not before start_date.",
        "Use uma data que não seja antes do início.",
    ),
    (
        "Unable to sign in with these credentials.",
        "Usuário ou senha não conferem.",
    ),
    (
        "Too many attempts. Try again in {} seconds.",
        "Tentativas demais. Tente de novo em {} segundos.",
    ),
    (
        "Only an owner of this tenant may do this.",
        "Só um proprietário desta empresa pode fazer isto.",
    ),
    (
        "Only platform administrators may do this.",
        "Só administradores da plataforma podem fazer isto.",
    ),
    (
        "The contract of this tenant is suspended.",
        "O contrato desta empresa está suspenso. Fale com quem administra a plataforma; nada foi apagado.",
    ),
    (
        "Use an instant that is not after due_at.",
        "O lembrete não pode ser depois do prazo.",
    ),
    (
        "The contract of this tenant is canceled.",
        "O contrato desta empresa foi encerrado. Fale com quem administra a plataforma.",
    ),
    (
        "Use letters, digits and @ . + - _ only.",
        "Use só letras, dígitos e @ . + - _.",
    ),
    (
        "Begin and end with a letter or a digit.",
        "Comece e termine com letra ou dígito.",
    ),
    (
        "An opportunity in {} can go to {}, not to {}.",
        "Uma oportunidade em {} pode ir para {}, não para {}.",
    ),
    (
        "This lead has another customer already.",
        "Este lead já tem outro cliente.",
    ),
    (
        "A tenant with this code exists already.",
        "Já existe uma empresa com este código.",
    ),
    (
        "A CEP has 8 digits, such as 01310-100.",
        "Um CEP tem 8 dígitos, como 01310-100.",
    ),
    (
        "Use at most {} digits before the point.",
        "Use no máximo {} dígitos antes da vírgula.",
    ),
    (
        "A user with this name exists already.",
        "Já existe um usuário com este nome.",
    ),
    (
        "This cursor belongs to another list.",
        "Este endereço de página pertence a outra lista. Volte ao início dela.",
    ),
    (
        "This session is over. Sign in again.",
        "Esta sessão terminou. Entre de novo.",
    ),
    (
        "What it was can't be read any more.",
        "O valor anterior não pode mais ser lido.",
    ),
    (
        "This operation has ended already: {}.",
        "Esta operação já terminou: {}.",
    ),
    (
        "Use a day that is not before from.",
        "Use um dia que não seja antes do início do período.",
    ),
    (
        "A lead that is {} can become {}, not {}.",
        "Um lead {} pode passar a {}, não a {}.",
    ),
    (
        "Send at least one field to change.",
        "Mude pelo menos um campo.",
    ),
    (
        "This is not your current password.",
        "Esta não é a sua senha atual.",
    ),
    (
        "Another tenant has this subdomain.",
        "Outra empresa já tem este subdomínio.",
    ),
    (
        "Not a valid choice. Use one of: {}.",
        "Opção inválida. Use uma destas: {}.",
    ),
    (
        "It was changed since it was made.",
        "Foi mudado depois de criado.",
    ),
    (
        "Null characters are not allowed.",
        "Caracteres nulos não são permitidos.",
    ),
    (
        "Send role or is_active, or both.",
        "Mude o papel, a situação, ou ambos.",
    ),
    (
        "There is no role {}. Use one of: {}.",
        "Não existe o papel {}. Use um destes: {}.",
    ),
    (
        "Begin with a letter or a digit.",
        "Comece com letra ou dígito.",
    ),
    (
        "Expected an id: a whole number.",
        "Escolha um registro da lista.",
    ),
    (
        "The body is larger than {} bytes.",
        "O formulário é maior que {} bytes.",
    ),
    (
        "Another tenant has this domain.",
        "Outra empresa já tem este domínio.",
    ),
    (
        "Expected a date as YYYY-MM-DD.",
        "Escreva uma data, como 23/11/2026.",
    ),
    (
        "Another tenant has this alias.",
        "Outra empresa já tem este alias.",
    ),
    ("There is no area code (DDD) {}.", "Não existe o DDD {}."),
    ("It has been restored already.", "Já foi restaurado."),
    (
        "No active user has this name.",
        "Nenhum usuário ativo tem este nome.",
    ),
    ("This field may not be blank.", "Preencha este campo."),
    (
        "Use at most {} decimal places.",
        "Use no máximo {} casas decimais.",
    ),
    ("Use two letters, such as SP.", "Use duas letras, como SP."),
    ("This field may not be null.", "Preencha este campo."),
    (
        "Use a name, not an address.",
        "Use um nome, não um endereço IP.",
    ),
    ("Expected a list of objects.", "Formato inesperado."),
    ("It was changed again since.", "Foi mudado de novo depois."),
    ("This account is not active.", "Esta conta não está ativa."),
    (
        "Expected a list of {} to {} ids.",
        "Escolha de {} a {} registros.",
    ),
    ("The id {} is there twice.", "O registro {} está repetido."),
    (
        "These have nothing in common by which they would look like one.",
        "Eles não têm mais nada em comum que os faça parecer o mesmo.",
    ),
    (
        "There is no {} with the id {}.",
        "Não existe {} com o número {}.",
    ),
    (
        "Use at least {} characters.",
        "Use pelo menos {} caracteres.",
    ),
    (
        "Expected a list of words.",
        "Escreva uma lista de palavras, separadas por vírgula.",
    ),
    ("A tag has no comma in it.", "Uma etiqueta não tem vírgula."),
    ("It is not there any more.", "Não existe mais."),
    (
        "Name at least one role: {}.",
        "Escolha pelo menos um papel: {}.",
    ),
    ("Use at most {} characters.", "Use no máximo {} caracteres."),
    ("Expected a whole number.", "Escreva um número inteiro."),
    ("This field is required.", "Preencha este campo."),
    ("Use 1 to 63 characters.", "Use de 1 a 63 caracteres."),
    ("Expected true or false.", "Escolha sim ou não."),
    ("Use {}, or leave it out.", "Use {}, ou deixe em branco."),
    (
        "Not a valid host name.",
        "Não é um nome de servidor válido.",
    ),
    ("Use a smaller amount.", "Use um valor menor."),
    ("Use at most {} digits.", "Use no máximo {} dígitos."),
    ("Use at most {} values.", "Use no máximo {} valores."),
    ("Use at most {} bytes.", "Use no máximo {} bytes."),
    ("Use ids, or none.", "Use números de registro, ou nada."),
    ("It is in the bin.", "Está na lixeira."),
    ("Expected text.", "Escreva um texto."),
    ("Use at most {}.", "Use no máximo {}."),
    ("Use {} or less.", "Use {} ou menos."),
    ("Use {} or more.", "Use {} ou mais."),
    ("Not found.", "Não encontrado."),
    (
        "This code is not right, or was used before.",
        "Este código não confere, ou já foi usado.",
    ),
    (
        "This account has a second factor: send the code of its generator.",
        "Esta conta tem uma segunda etapa: informe o código do aplicativo.",
    ),
    (
        "This account has a second factor already.",
        "Esta conta já tem as duas etapas ligadas.",
    ),
    (
        "This account has no second factor.",
        "Esta conta não tem as duas etapas ligadas.",
    ),
    ("Begin to set it up first.", "Comece pela configuração."),
    ("Choose one of the times.", "Escolha um dos tempos."),
    (
        "Only superusers enter tenants.",
        "Só superusuários entram no portal de uma empresa.",
    ),
    (
        "The two passwords are not the same.",
        "As duas senhas não são iguais.",
    ),
];
