//! The console's pages beside the tenants: operations, audit, users, servers, fleet, settings.

use crate::pages::language::catalogue;

catalogue! {
    OPERATIONS = "Operações", "Operations";
    OPERATION = "Operação", "Operation";
    fn operation_of(id) = "Operação {id}", "Operation {id}";
    PROVISION = "Preparar", "Provision";
    ASKED = "Pedida", "Asked for";
    BY = "Por", "By";
    TOOK = "Durou", "Took";
    PROVIDER = "Provedor", "Provider";
    REQUEST = "Requisição", "Request";
    ATTEMPTS = "Tentativas", "Attempts";
    STARTED = "Começou", "Started";
    FINISHED = "Terminou", "Finished";
    DEADLINE = "Prazo", "Deadline";
    STEPS = "Passos", "Steps";
    NO_SUCH_TENANT = "Nenhuma empresa tem este código ou nome.", "No tenant has this code or name.";
    SEVERAL_TENANTS = "Várias empresas têm um nome assim. Escolha uma pelo código.", "Several tenants have a name like this. Choose one by its code.";
    NO_OPERATIONS = "Nenhuma operação", "No operations";
    NO_OPERATIONS_TEXT = "Preparar uma empresa cria a primeira.", "Provisioning a tenant makes the first.";

    AUDIT = "Auditoria", "Audit";
    WHO = "Quem", "Who";
    ACTION = "Ação", "Action";
    SINCE = "Desde", "Since";
    UNTIL = "Até", "Until";
    DETAILS = "Antes e depois", "Before and after";
    NO_AUDIT = "Nada com estes filtros", "Nothing matches these filters";
    NO_AUDIT_TEXT = "Mude ou limpe os filtros.", "Change or clear the filters.";

    USERS = "Usuários", "Users";
    USER = "Usuário", "User";
    NEW_USER = "Novo usuário", "New user";
    USER_FILTER = "Nome ou e-mail", "Name or e-mail";
    USERNAME = "Usuário", "User name";
    USERNAME_HINT = "Letras, números e @ . + - _", "Letters, digits and @ . + - _";
    EMAIL = "E-mail", "E-mail";
    RIGHTS = "Direitos", "Rights";
    SUPERUSER = "Superusuário", "Superuser";
    SUPERUSER_HINT = "Passa por todas as portas, também as das empresas; cada entrada é registrada.", "Passes every check, tenants included; each entry is recorded.";
    STAFF = "Equipe da plataforma", "Platform staff";
    STAFF_HINT = "Usa este console e a API da plataforma.", "Uses this console and the platform API.";
    PLAIN = "Só nas empresas", "In tenants only";
    USER_ACTIVE = "Ativo", "Active";
    USER_INACTIVE = "Desativado", "Deactivated";
    LAST_SIGN_IN = "Último acesso", "Last sign-in";
    NEVER = "nunca", "never";
    PLACES = "Empresas", "Tenants";
    PASSWORD = "Senha", "Password";
    PASSWORD_HINT = "Em branco: a pessoa recebe um link por e-mail e escolhe a sua.", "Left empty: the person gets a link by e-mail and chooses their own.";
    CREATE_USER = "Criar usuário", "Create the user";
    DEACTIVATE_USER = "Desativar a conta", "Deactivate the account";
    DEACTIVATE_TEXT = "A pessoa sai de todas as sessões na hora, e não entra mais.", "The person is signed out everywhere at once, and can't come back.";
    ACTIVATE_USER = "Reativar a conta", "Reactivate the account";
    ACTIVATE_TEXT = "A pessoa volta a entrar com a senha que tinha.", "The person can sign in with the password they had.";
    SEND_RESET = "Enviar link de nova senha", "Send a link for a new password";
    SEND_RESET_TEXT = "Vai para o e-mail da conta e vale uma hora.", "It goes to the account's address and is good for an hour.";
    ONLY_SUPERUSERS = "Só superusuários mudam contas.", "Only superusers change accounts.";
    MEMBER_OF = "Participa de", "Has a place in";
    NO_PLACES = "Não participa de nenhuma empresa.", "Has no place in any tenant.";
    NO_USERS = "Nenhum usuário com estes filtros", "No user matches these filters";
    CONFIRM_USER = "Para confirmar, digite o nome do usuário", "To confirm, type the user name";

    SERVERS = "Servidores", "Servers";
    SERVER = "Servidor", "Server";
    TENANTS = "Empresas", "Tenants";
    READY = "Prontas", "Ready";
    FAILED = "Com falha", "Failed";
    DATABASES = "Bancos", "Databases";
    CONNECTIONS = "Conexões deste programa", "This program's connections";
    fn connections_of(open, limit) = "{open} de {limit}", "{open} of {limit}";
    fn idle_waiting(idle, waiting) = "{idle} livres, {waiting} esperando", "{idle} idle, {waiting} waiting";
    WARM_POOL = "Bancos à espera", "Warm pool";
    fn warm_pool_text(count) = "{count} bancos vazios ficam prontos no servidor do provedor para as próximas empresas.", "{count} blank databases wait on the provider's server for the next tenants.";
    WARM_POOL_OFF = "Desligado: cada banco é criado na hora.", "Off: each database is made when it is asked for.";
    NO_SERVERS = "Nenhum servidor ainda", "No servers yet";
    NO_SERVERS_TEXT = "Os servidores aparecem com a primeira empresa.", "Servers appear with the first tenant.";
}
