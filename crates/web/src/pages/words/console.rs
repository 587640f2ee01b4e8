//! The console: what its pages share, its overview, and its search.

use crate::pages::language::catalogue;

catalogue! {
    TENANT = "Empresa", "Tenant";
    STATUS = "Situação", "Status";
    PLAN = "Plano", "Plan";
    SEATS = "Vagas", "Seats";
    MODEL = "Isolamento", "Isolation";
    ACTIVE = "Ativa", "Active";
    INACTIVE = "Desativada", "Deactivated";
    ANY = "Todos", "Any";
    ANY_F = "Todas", "Any";
    YES = "Sim", "Yes";
    NO = "Não", "No";
    SEARCH_TENANTS = "Nome, código ou subdomínio", "Name, code or subdomain";
    ALL_OF_THEM = "Ver todas", "See all";
    fn shown_of(shown, all) = "{shown} de {all}", "{shown} of {all}";

    PENDING = "Aguardando", "Pending";
    PROVISIONING = "Preparando", "Provisioning";
    READY = "Pronta", "Ready";
    FAILED = "Falhou", "Failed";
    TRIAL = "Em teste", "Trial";
    IN_FORCE = "Em vigor", "Active";
    SUSPENDED = "Suspenso", "Suspended";
    CANCELED = "Cancelado", "Canceled";
    OWN_DATABASE = "Banco próprio", "Own database";
    SHARED_SCHEMA = "Banco compartilhado", "Shared schema";
    STARTER = "Starter", "Starter";
    PRO = "Pro", "Pro";
    ENTERPRISE = "Enterprise", "Enterprise";

    OP_QUEUED = "Na fila", "Queued";
    OP_RUNNING = "Em andamento", "Running";
    OP_SUCCEEDED = "Concluída", "Succeeded";
    OP_FAILED = "Falhou", "Failed";
    OP_CANCELED = "Cancelada", "Canceled";
    OP_STOPPING = "Cancelando", "Canceling";

    STEP_RESERVE = "Conferir nomes e provedor", "Check names and provider";
    STEP_SECRET = "Guardar a senha", "Keep the password";
    STEP_ROLES = "Criar os papéis no servidor", "Make the roles on the server";
    STEP_DATABASE = "Criar o banco de dados", "Make the database";
    STEP_GRANTS = "Fechar o acesso aos demais", "Close it to everybody else";
    STEP_SETTINGS = "Aplicar limites", "Set limits";
    STEP_OPEN = "Abrir para conexões", "Open it for connections";
    STEP_MIGRATE = "Criar as tabelas", "Bring the tables up to date";
    STEP_IDENTITY = "Marcar de quem é o banco", "Mark whose it is";
    STEP_SIGN_IN = "Testar o acesso", "Try the way in";
    STEP_PUBLISH = "Publicar o caminho", "Publish the way there";

    OVERVIEW = "Visão geral", "Overview";
    ALL_TENANTS = "Empresas", "Tenants";
    READY_TENANTS = "Prontas", "Ready";
    AT_WORK = "Em preparo", "Being prepared";
    FAILED_TENANTS = "Com falha", "Failed";
    PAYING = "Contratos em vigor", "Active contracts";
    ON_TRIAL = "Em teste", "On trial";
    SUSPENDED_TENANTS = "Suspensas", "Suspended";
    INACTIVE_TENANTS = "Desativadas", "Deactivated";
    ATTENTION = "Precisa de atenção", "Needs attention";
    NOTHING_WRONG_TEXT = "Nenhuma empresa precisa de atenção agora.", "No tenant needs attention right now.";
    WHY_FAILED = "A preparação falhou", "Provisioning failed";
    WHY_SLOW = "Em andamento há mais de um minuto", "Running for more than a minute";
    WHY_SUSPENDED = "Contrato suspenso: os membros não entram", "Contract suspended: members are shut out";
    fn why_full(used, seats) = "Todas as vagas ocupadas: {used} de {seats}", "All seats taken: {used} of {seats}";
    WHY_NO_TABLES = "Ainda sem tabelas", "No tables yet";
    fn why_behind(version, target) = "Tabelas na versão {version}, e o programa na {target}", "Tables at version {version}, the program at {target}";
    RUNNING_NOW = "Operações em andamento", "Operations at work";
    NOTHING_RUNS = "Nenhuma operação em andamento.", "No operation is at work.";
    NEWEST_EVENTS = "Últimos registros da auditoria", "Newest audit events";
    NO_EVENTS = "Nada registrado ainda.", "Nothing recorded yet.";
    fn more_troubled(count) = "e mais {count}", "and {count} more";
    FIRST_TENANT = "Nenhuma empresa ainda", "No tenant yet";
    FIRST_TENANT_TEXT = "Crie a primeira: o banco de dados e o endereço ficam prontos em segundos.", "Create the first: its database and address are ready within seconds.";
    NEW_TENANT = "Nova empresa", "New tenant";

    SEARCH = "Buscar", "Search";
    SEARCH_HINT = "Empresas, usuários", "Tenants, users";
    NO_RESULTS = "Nada encontrado", "Nothing found";
    fn no_results_for(q) = "Nada corresponde a “{q}”.", "Nothing matches “{q}”.";
    TYPE_SOMETHING = "Digite um nome, um código, um subdomínio ou um usuário.", "Type a name, a code, a subdomain or a user.";
    BLINK = "< 0,1 s", "< 0.1 s";
    CANCELED_TENANTS = "Canceladas", "Canceled";
    fn seconds(n) = "{n} s", "{n} s";
    fn minutes(n, rest) = "{n} min {rest} s", "{n} min {rest} s";
    fn hours(n, rest) = "{n} h {rest} min", "{n} h {rest} min";
}
