//! Where one can go.

use crate::pages::language::{Word, catalogue};
use sindico_domain::access::Role;

catalogue! {
    TODAY = "Meu dia", "My day";
    LEADS = "Leads", "Leads";
    OPPORTUNITIES = "Oportunidades", "Opportunities";
    CUSTOMERS = "Clientes", "Customers";
    ACTIVITIES = "Atividades", "Activities";
    METRICS = "Indicadores", "Metrics";
    GOALS = "Metas", "Goals";
    HISTORY = "Histórico", "History";
    BIN = "Lixeira", "Bin";
    SETTINGS = "Configurações", "Settings";
    SELL = "Vender", "Sell";
    LOOK_BACK = "Acompanhar", "Keep track";
    ROLE_OWNER = "Proprietário", "Owner";
    ROLE_MANAGER = "Gerente", "Manager";
    ROLE_MEMBER = "Membro", "Member";
    ROLE_SUPPORT = "Suporte da plataforma", "Platform support";
    NEW_CUSTOMER = "Novo cliente", "New customer";
    NEW_LEAD = "Novo lead", "New lead";
    NEW_OPPORTUNITY = "Nova oportunidade", "New opportunity";
    NEW_ACTIVITY = "Nova atividade", "New activity";
    CONSOLE = "Console", "Console";
    OVERVIEW = "Visão geral", "Overview";
    TENANTS = "Empresas", "Tenants";
    NEW_TENANT = "Nova empresa", "New tenant";
    OPERATIONS = "Operações", "Operations";
    SERVERS = "Servidores", "Servers";
    FLEET = "Frota", "Fleet";
    USERS = "Usuários", "Users";
    AUDIT = "Auditoria", "Audit";
    CONSOLE_SETTINGS = "Ajustes", "Settings";
    PLATFORM = "Plataforma", "Platform";
    API_DOCS = "Documentação da API", "API documentation";
}

/// How people call a role.
pub fn role(role: Role) -> Word {
    match role {
        Role::Member => ROLE_MEMBER,
        Role::Manager => ROLE_MANAGER,
        Role::Owner => ROLE_OWNER,
    }
}
