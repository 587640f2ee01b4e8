//! The company's settings.

use crate::pages::language::{Word, catalogue};
use sindico_domain::access::capability::Resource;

catalogue! {
    TITLE = "Configurações", "Settings";
    COMPANY = "Empresa", "Company";
    MEMBERS = "Equipe", "Team";
    ROLES = "Permissões", "Permissions";
    AUDIT = "Auditoria", "Audit";
    SUPPORT = "Suporte", "Support";

    NAME = "Nome", "Name";
    CODE = "Código", "Code";
    ADDRESS = "Endereço do portal", "Address of the portal";
    PLAN = "Plano", "Plan";
    STATUS = "Situação", "Status";
    SINCE = "Início", "Since";
    UNTIL = "Até", "Until";
    SEATS = "Vagas usadas", "Seats taken";
    fn seats_of(used, all) = "{used} de {all}", "{used} of {all}";
    SEATS_FULL = "Todas as vagas estão ocupadas. Desative alguém, ou peça mais vagas.", "All seats are taken. Deactivate somebody, or ask for more.";
    CONTRACT = "Contrato", "Contract";
    COMPANY_HINT = "Nome, plano e vagas são mudados por quem administra a plataforma.", "Name, plan and seats are changed by those who run the platform.";

    TRIAL = "Em teste", "Trial";
    ACTIVE = "Ativo", "Active";
    SUSPENDED = "Suspenso", "Suspended";
    CANCELED = "Cancelado", "Canceled";
    STARTER = "Starter", "Starter";
    PRO = "Pro", "Pro";
    ENTERPRISE = "Enterprise", "Enterprise";

    MEMBER_HINT = "Vê os dados.", "Sees the data.";
    MANAGER_HINT = "Vê, cria e altera.", "Sees, creates and changes.";
    OWNER_HINT = "Faz tudo, inclusive cuidar da equipe.", "Does everything, looking after the team included.";

    PERSON = "Pessoa", "Person";
    EMAIL = "E-mail", "E-mail address";
    ROLE = "Papel", "Role";
    fn role_of(name) = "Papel de {name}", "Role of {name}";
    STATE = "Situação", "State";
    STATE_ACTIVE = "Ativo", "Active";
    STATE_INACTIVE = "Desativado", "Deactivated";
    ACTIONS = "Ações", "Actions";
    ADD = "Adicionar à equipe", "Add to the team";
    ADD_SUBMIT = "Adicionar", "Add";
    USERNAME = "Usuário", "User name";
    USERNAME_HINT = "A pessoa precisa ter uma conta no Síndico.", "The person must have an account at Síndico.";
    CHANGE = "Mudar", "Change";
    fn change_of(name) = "Mudar o papel de {name}", "Change the role of {name}";
    DEACTIVATE = "Desativar", "Deactivate";
    fn deactivate_of(name) = "Desativar {name}", "Deactivate {name}";
    ACTIVATE = "Reativar", "Reactivate";
    fn activate_of(name) = "Reativar {name}", "Reactivate {name}";
    YOU = "você", "you";
    COUNT_ONE = "1 pessoa", "1 person";
    fn count(people) = "{people} pessoas", "{people} people";
    ONLY_OWNERS = "Só proprietários mudam a equipe.", "Only owners change the team.";
    NOT_CHANGED = "Não foi mudado", "It was not changed";

    ROLES_LEAD = "O que cada papel pode fazer. Vale na hora, para todos.", "What each role may do. It counts at once, for everybody.";
    RESOURCE = "Área", "Area";
    CUSTOMERS = "Clientes", "Customers";
    LEADS = "Leads", "Leads";
    OPPORTUNITIES = "Oportunidades", "Opportunities";
    ACTIVITIES = "Atividades", "Activities";
    SALES_GOALS = "Metas de vendas", "Sales goals";
    METRICS = "Indicadores", "Metrics";
    DASHBOARD = "Painel inicial", "Start page";
    VIEWS = "Visões", "Views";
    IMPORTS = "Importações", "Imports";
    EXPORTS = "Exportações", "Exports";
    PIPELINES = "Funis", "Pipelines";
    ASSIGNMENT = "Distribuição de leads", "Assignment of leads";
    VERB_GET = "Ver", "See";
    VERB_POST = "Criar", "Create";
    VERB_PUT = "Substituir pela API", "Replace by the API";
    VERB_PATCH = "Alterar", "Change";
    VERB_DELETE = "Excluir", "Delete";
    fn box_of(role, verb, resource) = "{role}: {verb} {resource}", "{role}: {verb} {resource}";
    SCOPE = "Vê quais registros", "Sees which records";
    FIELDS = "Campos", "Fields";
    FIELD = "Campo", "Field";
    FIELD_WRITE = "Vê e altera", "Sees and changes";
    FIELD_READ = "Só vê", "Only sees";
    FIELD_NONE = "Não vê", "Does not see";
    fn fields_kept(n) = "{n} com restrição", "{n} restricted";
    SCOPE_ALL = "Todos", "All";
    SCOPE_TEAM = "Dos times", "Of their teams";
    SCOPE_OWN = "Só os próprios", "Only their own";
    CHANGED = "alterado", "changed";
    CHANGED_LEGEND = "Diferente do padrão", "Differs from the default";
    RESET = "Voltar ao padrão", "Back to the default";
    fn nobody_for(verb, resource) = "{resource}, {verb}: marque pelo menos um papel.", "{resource}, {verb}: mark at least one role.";
    ROLES_STALE = "As permissões foram mudadas por outra pessoa enquanto isso. Veja como estão agora.", "The permissions were changed by somebody else meanwhile. See how they are now.";

    AUDIT_LEAD = "Quem entrou e saiu da equipe, o que os papéis podem, e quem da plataforma esteve aqui.", "Who came to and left the team, what roles may do, and who of the platform was here.";
    AUDIT_RECORDS = "As mudanças nos registros (clientes, leads, oportunidades) ficam no histórico.", "Changes of records (customers, leads, opportunities) are in the history.";
    TO_CHANGES = "Abrir o histórico", "Open the history";
    WHEN = "Quando", "When";
    WHO = "Quem", "Who";
    WHAT = "O quê", "What";
    NO_EVENTS = "Nada ainda", "Nothing yet";
    NO_EVENTS_TEXT = "Mudanças na equipe e nas permissões aparecem aqui.", "Changes of the team and of permissions appear here.";
    fn member_add(name, role) = "Adicionou {name} como {role}", "Added {name} as {role}";
    fn member_role(name, before, after) = "Mudou {name} de {before} para {after}", "Changed {name} from {before} to {after}";
    fn member_remove(name) = "Desativou {name}", "Deactivated {name}";
    RBAC_CHANGE = "Mudou as permissões", "Changed the permissions";
    TENANT_ENTER = "Entrou nos dados da empresa", "Entered the company's data";
    TAGS = "Etiquetas", "Tags";
    TAG = "Etiqueta", "Tag";
    TAGS_LEAD = "As etiquetas dos clientes, leads e oportunidades desta empresa, e em quantos registros cada uma está.", "The tags of this company's customers, leads and opportunities, and how many records have each.";
    NO_TAGS = "Nenhuma etiqueta", "No tags";
    NO_TAGS_TEXT = "As que você escrever num cliente, lead ou oportunidade aparecem aqui.", "Those you write on a customer, lead or opportunity appear here.";
    RENAME = "Renomear", "Rename";
    REMOVE_TAG = "Tirar de todos os registros", "Take off all records";
    NEW_NAME = "Novo nome", "New name";
    NEW_NAME_HINT = "Se já houver uma etiqueta com este nome, as duas viram uma.", "If there is a tag of this name, the two become one.";
    fn rename_tag(tag) = "Renomear “{tag}”", "Rename “{tag}”";
    fn support_begin(reason) = "Abriu um acesso de suporte: {reason}", "Opened a support access: {reason}";
    SUPPORT_END = "Encerrou o acesso de suporte", "Ended the support access";
    SYSTEM = "Sistema", "System";

    SUPPORT_LEAD = "Cada vez que alguém da plataforma entra no portal da sua empresa: quem, por quê e por quanto tempo.", "Each time that somebody of the platform enters your company's portal: who, why and for how long.";
    CUSTOM_FIELDS = "Campos personalizados", "Custom fields";
    NO_VISITS = "Ninguém da plataforma esteve aqui", "Nobody of the platform was here";
    NO_VISITS_TEXT = "Quando o suporte entrar no seu portal, você vê aqui quem foi, o motivo e o tempo.", "When support enters your portal, you see here who it was, the reason and the time.";
    REASON = "Motivo", "Reason";
    FROM = "Início", "From";
    TO = "Fim", "To";
    NOW = "Aqui agora", "Here now";
    ENDED = "Encerrado", "Ended";
    EXPIRED = "Tempo esgotado", "Time is up";
}

/// What permissions are given for.
pub fn resource(resource: Resource) -> Word {
    match resource {
        Resource::Customers => CUSTOMERS,
        Resource::Leads => LEADS,
        Resource::Opportunities => OPPORTUNITIES,
        Resource::Activities => ACTIVITIES,
        Resource::SalesGoals => SALES_GOALS,
        Resource::Metrics => METRICS,
        Resource::Dashboard => DASHBOARD,
        Resource::Views => VIEWS,
        Resource::Imports => IMPORTS,
        Resource::Exports => EXPORTS,
        Resource::Pipelines => PIPELINES,
        Resource::CustomFields => CUSTOM_FIELDS,
        Resource::Products => super::quotes::PRODUCTS,
        Resource::AssignmentRules => ASSIGNMENT,
    }
}
