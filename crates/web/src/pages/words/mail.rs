//! Mail of a company: its server, and what mails say.

use crate::pages::language::{Word, catalogue};
use sindico_domain::mail::{Security, State};

catalogue! {
    TITLE = "E-mail", "E-mail";
    LEAD = "Avisos por e-mail saem pelo servidor da sua empresa, com o seu endereço. Sem ele, saem pelo da plataforma, se ela tiver um.", "Notifications by e-mail leave by your company's server, from your address. Without it they leave by the platform's, if it has one.";
    SERVER = "Servidor", "Server";
    HOST = "Servidor (SMTP)", "Server (SMTP)";
    PORT = "Porta", "Port";
    SECURITY = "Segurança", "Security";
    STARTTLS = "STARTTLS (porta 587)", "STARTTLS (port 587)";
    TLS = "TLS desde o início (porta 465)", "TLS from the start (port 465)";
    NO_TLS = "Sem TLS (só redes internas)", "Without TLS (internal networks only)";
    USERNAME = "Usuário", "User name";
    PASSWORD = "Senha", "Password";
    PASSWORD_KEPT = "Há uma senha guardada. Deixe em branco para mantê-la.", "A password is kept. Leave it blank to keep it.";
    FROM_ADDRESS = "Endereço do remetente", "Sender's address";
    FROM_NAME = "Nome do remetente", "Sender's name";
    REPLY_TO = "Responder para", "Answers go to";
    ENABLED = "Enviar por este servidor", "Send by this server";
    TEST = "Enviar teste para mim", "Send me a test";
    fn tested(to, answer) = "Enviado para {to}. O servidor disse: {answer}", "Sent to {to}. The server said: {answer}";
    fn test_failed(answer) = "O teste não foi enviado: {answer}", "The test was not sent: {answer}";
    fn test_line(company) = "Teste do e-mail de {company}", "Test of the e-mail of {company}";
    REMOVE = "Esquecer o servidor", "Forget the server";
    REMOVE_TEXT = "A senha vai junto. Os avisos passam a sair pela plataforma.", "The password goes with it. Notifications leave by the platform's server then.";
    LOG = "Envios", "Mails";
    LOG_TEXT = "Os envios aparecem aqui por 30 dias.", "Mails are listed here for 30 days.";
    NO_LOG = "Nada enviado ainda", "Nothing sent yet";
    WHEN = "Quando", "When";
    TO = "Para", "To";
    STATE = "Situação", "State";
    ATTEMPTS = "Tentativas", "Attempts";
    ANSWER = "Resposta", "Answer";
    PENDING = "Na fila", "Waiting";
    SENT = "Enviado", "Sent";
    FAILED = "Falhou", "Failed";
    DROPPED = "Sem o que enviar", "Nothing to send";
    GONE = "já não está aqui", "not here any more";
    fn many(count, company) = "{count} avisos em {company}", "{count} notifications at {company}";
    fn from_company(company) = "Você recebe isto porque trabalha em {company} no Síndico.", "You get this because you work at {company} on Síndico.";
    CHOOSE = "Escolha o que avisar:", "Choose what to tell:";
}

/// How a way is protected.
pub fn security(security: Security) -> Word {
    match security {
        Security::Starttls => STARTTLS,
        Security::Tls => TLS,
        Security::None => NO_TLS,
    }
}

/// What became of a mail.
pub fn state(state: State) -> Word {
    match state {
        State::Pending => PENDING,
        State::Sent => SENT,
        State::Failed => FAILED,
        State::Dropped => DROPPED,
    }
}
