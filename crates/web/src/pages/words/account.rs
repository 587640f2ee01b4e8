//! One's own account, signing in by two steps, and the ways between hosts.

use crate::pages::language::catalogue;

catalogue! {
    TITLE = "Sua conta", "Your account";
    PROFILE = "Perfil", "Profile";
    PASSWORD = "Senha", "Password";
    SESSIONS = "Sessões", "Sessions";
    TOKENS = "Chaves de API", "API tokens";
    TWO_STEP = "Duas etapas", "Two steps";

    ABOUT_YOU = "Quem é você", "Who you are";
    USERNAME = "Usuário", "User name";
    EMAIL = "E-mail", "E-mail address";
    PLACES = "Empresas", "Companies";
    LOOK = "Idioma e aparência", "Language and appearance";
    LOOK_HINT = "Vale para todos os navegadores em que você entrar.", "Holds for every browser in which you sign in.";
    LANGUAGE = "Idioma", "Language";
    OF_BROWSER = "O do navegador", "The browser's";
    PORTUGUESE = "Português (Brasil)", "Português (Brasil)";
    ENGLISH = "English", "English";
    THEME = "Aparência", "Appearance";
    OF_SYSTEM = "A do sistema", "The system's";
    LIGHT = "Clara", "Light";
    DARK = "Escura", "Dark";

    CHANGE_PASSWORD = "Trocar a senha", "Change the password";
    OLD_PASSWORD = "Senha atual", "Current password";
    NEW_PASSWORD = "Nova senha", "New password";
    NEW_PASSWORD_HINT = "Pelo menos 8 caracteres. Uma frase curta é fácil de lembrar e difícil de adivinhar.", "At least 8 characters. A short phrase is easy to remember and hard to guess.";
    AGAIN = "Nova senha, mais uma vez", "New password, once more";
    PASSWORD_ENDS = "As suas outras sessões são encerradas. As chaves de API continuam valendo.", "Your other sessions are ended. API tokens stay valid.";

    SESSIONS_LEAD = "Os navegadores em que você está conectado. Encerre o que não reconhecer e troque a senha.", "The browsers in which you are signed in. End what you don't recognise, and change your password.";
    BROWSER = "Navegador", "Browser";
    ADDRESS = "Endereço", "Address";
    LAST_USED = "Último uso", "Last used";
    SINCE = "Desde", "Since";
    THIS_ONE = "Esta sessão", "This session";
    END = "Encerrar", "End";
    fn end_of(what) = "Encerrar a sessão: {what}", "End the session: {what}";
    END_OTHERS = "Encerrar todas as outras", "End all others";
    UNKNOWN_BROWSER = "Navegador desconhecido", "Unknown browser";
    fn on(browser, system) = "{browser} em {system}", "{browser} on {system}";

    TOKENS_LEAD = "Para programas que usam a API em seu nome. Quem tem uma chave faz o que você pode fazer.", "For programs that use the API in your name. Who has a token can do what you can do.";
    TOKEN_NAME = "Nome", "Name";
    TOKEN_NAME_HINT = "Onde a chave será usada, por exemplo: planilha de vendas.", "Where the token will be used, for example: sales sheet.";
    NEW_TOKEN = "Nova chave", "New token";
    CREATE_TOKEN = "Criar chave", "Create the token";
    CREATED = "Criada", "Created";
    NEVER = "Nunca", "Never";
    UNNAMED = "Sem nome", "Unnamed";
    REVOKE = "Revogar", "Revoke";
    fn revoke_of(what) = "Revogar a chave: {what}", "Revoke the token: {what}";
    NO_TOKENS = "Nenhuma chave ainda", "No tokens yet";
    NO_TOKENS_TEXT = "Crie uma chave quando um programa precisar dos dados da empresa.", "Create a token when a program needs the company's data.";
    TOKEN_ONCE = "Copie a chave agora: ela não aparece de novo.", "Copy the token now: it is not shown again.";
    YOUR_TOKEN = "Sua nova chave", "Your new token";
    TOKEN_USE = "Use no cabeçalho das requisições:", "Use it in the header of requests:";
    DONE_TOKEN = "Já copiei", "I have copied it";

    TWO_STEP_LEAD = "Depois da senha, o Síndico pede um código do seu celular. Quem descobrir a sua senha não entra sem ele.", "After the password, Síndico asks for a code from your phone. Who finds out your password does not get in without it.";
    TWO_STEP_OFF = "Desligada", "Off";
    TWO_STEP_ON = "Ligada", "On";
    fn on_since(date) = "Ligada desde {date}.", "On since {date}.";
    BEGIN = "Configurar", "Set it up";
    SCAN = "Leia este código com um aplicativo como Google Authenticator, Microsoft Authenticator ou 1Password.", "Scan this code with an application such as Google Authenticator, Microsoft Authenticator or 1Password.";
    QR = "Código QR da sua chave", "QR code of your key";
    TYPE_KEY = "Não consegue ler? Digite esta chave no aplicativo:", "Can't scan it? Type this key into the application:";
    FIRST_CODE = "Código que o aplicativo mostra", "Code that the application shows";
    TURN_ON = "Ligar", "Turn on";
    RESTART = "Gerar outro código QR", "Make another QR code";
    RECOVERY = "Códigos de recuperação", "Recovery codes";
    fn recovery_left(count) = "{count} de 10 ainda valem.", "{count} of 10 are still good.";
    RECOVERY_LEAD = "Se perder o celular, entre com um destes códigos. Cada um vale uma vez.", "If you lose your phone, sign in with one of these codes. Each is good once.";
    RECOVERY_ONCE = "Guarde os códigos agora: eles não aparecem de novo.", "Keep the codes now: they are not shown again.";
    NEW_CODES = "Gerar códigos novos", "Make new codes";
    NEW_CODES_HINT = "Os códigos antigos deixam de valer.", "The old codes are not good any more.";
    KEPT_CODES = "Já guardei", "I have kept them";
    TURN_OFF = "Desligar", "Turn off";
    TURN_OFF_TITLE = "Desligar as duas etapas", "Turn the two steps off";
    TURN_OFF_HINT = "A entrada volta a pedir só a senha.", "Signing in asks for the password alone again.";
    CONFIRM_PASSWORD = "Sua senha", "Your password";

    CODE_TITLE = "Segunda etapa", "Second step";
    CODE_LEAD = "Digite o código de 6 dígitos do seu aplicativo, ou um código de recuperação.", "Type the code of 6 digits of your application, or a recovery code.";
    CODE = "Código", "Code";
    CODE_SUBMIT = "Continuar", "Go on";
    CODE_OVER = "A segunda etapa demorou demais. Entre de novo.", "The second step took too long. Sign in again.";
    START_AGAIN = "Entrar com outra conta", "Sign in with another account";

    SWITCH = "Trocar de empresa", "Switch company";
    CONSOLE = "Console da plataforma", "Platform console";
    fn going_to(place) = "Indo para {place}", "Going to {place}";
    GOING = "Se nada acontecer em instantes, continue por aqui:", "If nothing happens in a moment, go on here:";
    fn continue_to(place) = "Continuar para {place}", "Go on to {place}";
    ARRIVE = "Confirmar a entrada", "Confirm your entry";
    fn arrive_as(name) = "Você vai entrar como {name}.", "You will be signed in as {name}.";
    ARRIVE_SUBMIT = "Entrar", "Go in";
    ARRIVE_OVER = "Este caminho não vale mais", "This way is over";
    ARRIVE_OVER_TEXT = "Ele vale por 30 segundos e uma vez só. Volte à página anterior e tente de novo, ou entre com a sua senha.", "It is good for 30 seconds, and once. Go back to the page before and try again, or sign in with your password.";
    SIGN_IN = "Entrar com a senha", "Sign in with the password";

    SETTINGS = "Configurações", "Settings";
    MENU_ACCOUNT = "Sua conta", "Your account";

    SUPPORT_TITLE = "Acesso de suporte", "Support access";
    fn enter(company) = "Entrar em {company}", "Enter {company}";
    ENTER_LEAD = "Os proprietários veem quem entrou, por quê e até quando. Tudo o que você mudar fica registrado com o seu nome, o de quem pediu e o motivo.", "The owners see who entered, why and until when. Everything you change is recorded with your name, that of who asked, and the reason.";
    REASON = "Motivo", "Reason";
    REASON_HINT = "Por exemplo: chamado 1234, importação travada.", "For example: ticket 1234, import is stuck.";
    BEHALF_OF = "A pedido de", "At the request of";
    BEHALF_OF_HINT = "Quem da empresa pediu a visita. Fica registrado ao lado do seu nome.", "Who of the company asked for the visit. It is recorded beside your name.";
    NOBODY = "Ninguém: a plataforma", "Nobody: the platform";
    HOW_LONG = "Por quanto tempo", "For how long";
    MINUTES_15 = "15 minutos", "15 minutes";
    MINUTES_60 = "1 hora", "1 hour";
    MINUTES_240 = "4 horas", "4 hours";
    ENTER_SUBMIT = "Entrar no portal", "Enter the portal";
    NOT_SERVED = "Ninguém entra nesta empresa agora: ela está desativada, o contrato não vigora ou os dados ainda não têm lugar pronto.", "Nobody can enter this company now: it is deactivated, its contract is not in force, or its data have no place ready.";
    ONLY_SUPERUSERS = "Só superusuários podem entrar no portal de uma empresa.", "Only superusers can enter a company's portal.";
    fn banner(name, reason, left) = "Acesso de suporte: {name}. Motivo: {reason}. Termina em {left}.", "Support access: {name}. Reason: {reason}. Ends in {left}.";
    fn banner_for(name, who, reason, left) = "Acesso de suporte: {name}, a pedido de {who}. Motivo: {reason}. Termina em {left}.", "Support access: {name}, for {who}. Reason: {reason}. Ends in {left}.";
    fn by_support(name) = "{name} (suporte)", "{name} (support)";
    fn by_support_for(name, who) = "{name} (suporte, a pedido de {who})", "{name} (support, for {who})";
    fn minutes_left(minutes) = "{minutes} min", "{minutes} min";
    NO_VISIT = "Entre pelo console", "Enter from the console";
    NO_VISIT_TEXT = "Você administra a plataforma, mas não participa desta empresa. Para ver o portal dela, abra um acesso de suporte no console, com um motivo e por um tempo. O acesso anterior, se havia, terminou.", "You run the platform, but have no place in this company. To see its portal, open a support access in the console, with a reason and for a time. An earlier access, if there was one, is over.";
    TO_ENTER = "Abrir o acesso no console", "Open the access in the console";
    LEFT = "Acesso encerrado", "Access ended";
    LEFT_TEXT = "Você saiu do portal desta empresa.", "You have left this company's portal.";
    BACK_TO_CONSOLE = "Voltar ao console", "Back to the console";

    SUSPENDED = "Portal suspenso", "Portal suspended";
    SUSPENDED_TEXT = "O contrato desta empresa está suspenso. Os dados continuam guardados; fale com quem cuida do contrato para reativar o acesso.", "This company's contract is suspended. Its data are kept; talk to whoever looks after the contract to get access back.";
    CANCELED = "Contrato encerrado", "Contract ended";
    CANCELED_TEXT = "O contrato desta empresa foi encerrado. Fale com a administração da plataforma se precisar dos dados.", "This company's contract has ended. Talk to those who run the platform if you need the data.";
}
