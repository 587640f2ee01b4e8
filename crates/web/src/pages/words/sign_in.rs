//! Signing in and out.

use crate::pages::language::catalogue;

catalogue! {
    TITLE = "Entrar", "Sign in";
    TO_CONSOLE = "Console da plataforma", "Platform console";
    USERNAME = "Usuário", "User name";
    PASSWORD = "Senha", "Password";
    SUBMIT = "Entrar", "Sign in";
    FORGOT = "Esqueci a senha", "I forgot my password";
    SIGN_OUT = "Sair", "Sign out";
    INTERRUPTED = "Sua sessão terminou. O que você digitou está guardado: entre, e envie de novo.", "Your session is over. What you typed is kept: sign in, and send it again.";
    SEND_AGAIN = "Enviar agora", "Send it now";
    WELCOME_BACK = "De volta", "Welcome back";
    KEPT = "O que você tinha digitado ainda não foi salvo.", "What you had typed is not saved yet.";
    NOT_MEMBER = "Esta conta não participa desta empresa.", "This account has no place in this company.";
    NOT_ADMIN = "Esta conta não administra a plataforma.", "This account does not run the platform.";
    FORGOT_HINT = "Informe o e-mail da conta. Se ela existir, enviamos um link válido por uma hora.", "Give the account's e-mail address. If it exists, we send a link that is good for an hour.";
    EMAIL = "E-mail", "E-mail address";
    SEND_LINK = "Enviar o link", "Send the link";
    LINK_SENT = "Se houver uma conta ativa com este endereço, o link está a caminho.", "If there is an active account with this address, the link is on its way.";
    BACK = "Voltar", "Back";
}
