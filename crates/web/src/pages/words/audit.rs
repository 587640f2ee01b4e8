//! What the audit tells: actions and the fields they change.

use crate::pages::language::{Word, catalogue};

catalogue! {
    SYSTEM = "Sistema", "System";
    fn member_of(who, code) = "{who}, em {code}", "{who}, in {code}";
}

/// Actions by their name, as what somebody did.
pub const ACTIONS: &[(&str, Word)] = &[
    (
        "tenant.create",
        Word("criou a empresa:", "created the tenant:"),
    ),
    (
        "tenant.change",
        Word("mudou a empresa:", "changed the tenant:"),
    ),
    (
        "tenant.execute",
        Word("pediu a preparação:", "asked to provision:"),
    ),
    (
        "tenant.ready",
        Word("terminou a preparação:", "finished provisioning:"),
    ),
    (
        "tenant.failed",
        Word("não conseguiu preparar:", "failed to provision:"),
    ),
    (
        "tenant.canceled",
        Word("interrompeu a preparação:", "stopped provisioning:"),
    ),
    (
        "tenant.report_state",
        Word("informou a situação:", "told the state:"),
    ),
    (
        "tenant.secret",
        Word("guardou a senha do banco:", "kept the database's password:"),
    ),
    (
        "tenant.settle",
        Word("definiu o lugar dos dados:", "settled where the data live:"),
    ),
    (
        "tenant.enter",
        Word("entrou na empresa:", "entered the tenant:"),
    ),
    (
        "member.add",
        Word("adicionou um membro:", "added a member:"),
    ),
    (
        "member.change",
        Word("mudou um membro:", "changed a member:"),
    ),
    (
        "member.remove",
        Word("desativou um membro:", "deactivated a member:"),
    ),
    ("domain.add", Word("pediu um domínio:", "claimed a domain:")),
    (
        "domain.verify",
        Word("verificou um domínio:", "verified a domain:"),
    ),
    (
        "domain.remove",
        Word("removeu um domínio:", "removed a domain:"),
    ),
    ("operation.cancel", Word("cancelou:", "canceled:")),
    ("user.create", Word("criou o usuário:", "created the user:")),
    ("user.change", Word("mudou o usuário:", "changed the user:")),
    (
        "user.change_password",
        Word("trocou a própria senha:", "changed their password:"),
    ),
    (
        "user.set_password",
        Word("definiu a senha:", "set the password:"),
    ),
    (
        "password_reset.request",
        Word("pediu nova senha:", "asked for a new password:"),
    ),
    ("session.create", Word("entrou:", "signed in:")),
    ("session.revoke", Word("saiu:", "signed out:")),
    (
        "session.revoke_others",
        Word("encerrou as outras sessões:", "ended the other sessions:"),
    ),
    (
        "totp.on",
        Word("ligou as duas etapas:", "turned the two steps on:"),
    ),
    (
        "totp.off",
        Word("desligou as duas etapas:", "turned the two steps off:"),
    ),
    (
        "totp.reset",
        Word(
            "desligou as duas etapas de:",
            "turned the two steps off for:",
        ),
    ),
    (
        "totp.renew_recovery_codes",
        Word("gerou códigos de recuperação:", "made recovery codes:"),
    ),
    (
        "totp.use_recovery_code",
        Word("usou um código de recuperação:", "used a recovery code:"),
    ),
    (
        "support.begin",
        Word("abriu um acesso de suporte:", "opened a support access:"),
    ),
    (
        "support.end",
        Word("encerrou o acesso de suporte:", "ended the support access:"),
    ),
    ("token.create", Word("criou um token:", "created a token:")),
    (
        "token.revoke",
        Word("revogou um token:", "revoked a token:"),
    ),
    (
        "rbac.change",
        Word("mudou as permissões:", "changed the permissions:"),
    ),
];

/// Fields by their path.
pub const FIELDS: &[(&str, Word)] = &[
    ("name", Word("Nome", "Name")),
    ("tenant_code", Word("Código", "Code")),
    ("subdomain", Word("Subdomínio", "Subdomain")),
    ("is_active", Word("Ativo", "Active")),
    ("contract.plan", Word("Plano", "Plan")),
    (
        "contract.status",
        Word("Situação do contrato", "Contract status"),
    ),
    ("contract.seats", Word("Vagas", "Seats")),
    ("contract.monthly_fee", Word("Mensalidade", "Monthly fee")),
    ("contract.start_date", Word("Início", "First day")),
    ("contract.end_date", Word("Fim", "Last day")),
    (
        "contract.auto_renew",
        Word("Renova sozinho", "Renews by itself"),
    ),
    ("contract.notes", Word("Observações", "Notes")),
    (
        "provisioning.isolation_model",
        Word("Isolamento", "Isolation"),
    ),
    ("provisioning.status", Word("Preparação", "Provisioning")),
    ("provisioning.database_alias", Word("Apelido", "Alias")),
    (
        "provisioning.database_name",
        Word("Banco de dados", "Database"),
    ),
    ("provisioning.database_host", Word("Servidor", "Server")),
    ("provisioning.database_port", Word("Porta", "Port")),
    (
        "provisioning.database_user",
        Word("Papel no banco", "Database role"),
    ),
    (
        "provisioning.database_password_secret",
        Word("Senha guardada em", "Password kept in"),
    ),
    ("provisioning.portal_url", Word("Portal", "Portal")),
    ("provisioning.last_error", Word("Último erro", "Last error")),
    ("database_host", Word("Servidor", "Server")),
    ("database_port", Word("Porta", "Port")),
    (
        "database_password_secret",
        Word("Senha guardada em", "Password kept in"),
    ),
    ("role", Word("Papel", "Role")),
    ("username", Word("Usuário", "User name")),
    ("email", Word("E-mail", "E-mail")),
    ("is_staff", Word("Equipe da plataforma", "Platform staff")),
    ("is_superuser", Word("Superusuário", "Superuser")),
    (
        "sessions_ended",
        Word("Sessões encerradas", "Sessions ended"),
    ),
    ("sent_to", Word("Enviado para", "Sent to")),
    ("host", Word("Domínio", "Domain")),
    ("reason", Word("Motivo", "Reason")),
    ("behalf_of", Word("A pedido de", "At the request of")),
    ("until", Word("Até", "Until")),
    ("visit_id", Word("Visita", "Visit")),
    ("status", Word("Situação", "Status")),
    (
        "cancel_requested",
        Word("Cancelamento pedido", "Cancel asked for"),
    ),
    ("error", Word("Erro", "Error")),
    ("hint", Word("O que fazer", "What to do")),
];
