//! What was just done.

use crate::pages::language::Word;

/// All notices, by the name that travels in the cookie.
pub const ALL: &[(&str, Word)] = &[
    ("saved", Word("Salvo.", "Saved.")),
    ("merged", Word("Dois viraram um.", "Two became one.")),
    (
        "not_one",
        Word(
            "Anotado: não são duplicados.",
            "Noted: they are no duplicates.",
        ),
    ),
    (
        "maybe_one",
        Word(
            "Voltaram à lista de duplicados.",
            "They are among the duplicates again.",
        ),
    ),
    ("created", Word("Criado.", "Created.")),
    (
        "deleted",
        Word("Movido para a lixeira.", "Moved to the bin."),
    ),
    ("deleted_for_good", Word("Excluído.", "Deleted.")),
    ("restored", Word("Restaurado.", "Restored.")),
    ("moved", Word("Movido.", "Moved.")),
    (
        "tag_renamed",
        Word("Etiqueta renomeada.", "The tag is renamed."),
    ),
    (
        "tag_removed",
        Word(
            "Etiqueta tirada de todos os registros.",
            "The tag is off all records.",
        ),
    ),
    (
        "completed",
        Word("Atividade concluída.", "The activity is done."),
    ),
    (
        "snoozed",
        Word(
            "Adiado. O prazo foi junto, se venceria antes.",
            "Snoozed. What was due before then is due then.",
        ),
    ),
    (
        "dismissed",
        Word("Lembrete dispensado.", "The reminder is dismissed."),
    ),
    (
        "logged",
        Word("Contato registrado.", "The contact is logged."),
    ),
    (
        "taken",
        Word("O lead agora é seu.", "The lead is yours now."),
    ),
    (
        "sample_filled",
        Word("Dados de exemplo criados.", "The sample data are there."),
    ),
    (
        "sample_removed",
        Word("Dados de exemplo removidos.", "The sample data are gone."),
    ),
    (
        "form_deleted",
        Word("Formulário excluído.", "The form is deleted."),
    ),
    ("entry_discarded", Word("Descartado.", "Discarded.")),
    (
        "webhook_test",
        Word("O teste está sendo enviado.", "The test is being sent."),
    ),
    (
        "webhook_replay",
        Word("Está sendo reenviado.", "It is being sent again."),
    ),
    (
        "webhook_deleted",
        Word("Webhook excluído.", "The webhook is deleted."),
    ),
    (
        "quote_deleted",
        Word("Rascunho excluído.", "The draft is deleted."),
    ),
    (
        "attached",
        Word("Arquivo anexado.", "The file is attached."),
    ),
    (
        "file_removed",
        Word(
            "Arquivo removido. Por 30 dias dá para desfazer.",
            "The file is removed. For 30 days that can be undone.",
        ),
    ),
    ("undone", Word("Desfeito.", "Undone.")),
    (
        "many_changed",
        Word("Registros alterados.", "The records are changed."),
    ),
    ("view_saved", Word("Visão salva.", "The view is saved.")),
    (
        "view_deleted",
        Word(
            "Visão excluída. Ela pode voltar.",
            "The view is deleted. It can come back.",
        ),
    ),
    (
        "password_changed",
        Word(
            "Senha trocada. As outras sessões foram encerradas.",
            "Password changed. The other sessions are ended.",
        ),
    ),
    ("session_ended", Word("Sessão encerrada.", "Session ended.")),
    (
        "sessions_ended",
        Word(
            "As outras sessões foram encerradas.",
            "The other sessions are ended.",
        ),
    ),
    ("token_revoked", Word("Chave revogada.", "Token revoked.")),
    (
        "two_step_off",
        Word(
            "As duas etapas estão desligadas.",
            "The two steps are turned off.",
        ),
    ),
    (
        "mail_forgotten",
        Word(
            "O servidor de e-mail foi esquecido.",
            "The mail server is forgotten.",
        ),
    ),
    (
        "notifications_read",
        Word(
            "Avisos marcados como lidos.",
            "Notifications marked as read.",
        ),
    ),
    (
        "member_added",
        Word("Pessoa adicionada à equipe.", "Added to the team."),
    ),
    (
        "member_changed",
        Word("Equipe atualizada.", "Team updated."),
    ),
    (
        "roles_saved",
        Word("Permissões salvas.", "Permissions saved."),
    ),
    (
        "roles_reset",
        Word(
            "As permissões voltaram ao padrão.",
            "The permissions are the default again.",
        ),
    ),
    ("signed_out", Word("Você saiu.", "You are signed out.")),
    (
        "provisioning_asked",
        Word("Preparação pedida.", "Provisioning was asked for."),
    ),
    (
        "cancel_asked",
        Word("Cancelamento pedido.", "Canceling was asked for."),
    ),
    (
        "tenant_suspended",
        Word(
            "Contrato suspenso. Os membros não entram mais.",
            "Contract suspended. Members are shut out.",
        ),
    ),
    (
        "tenant_resumed",
        Word("Contrato retomado.", "Contract in force again."),
    ),
    (
        "tenant_deactivated",
        Word("Empresa desativada.", "Tenant deactivated."),
    ),
    (
        "tenant_activated",
        Word("Empresa ativada.", "Tenant activated."),
    ),
    ("member_added", Word("Membro adicionado.", "Member added.")),
    ("domain_claimed", Word("Domínio pedido.", "Domain claimed.")),
    (
        "domain_verified",
        Word("Domínio verificado.", "Domain verified."),
    ),
    (
        "domain_removed",
        Word("Domínio removido.", "Domain removed."),
    ),
    (
        "reset_sent",
        Word(
            "O link está a caminho do e-mail da conta.",
            "The link is on its way to the account's address.",
        ),
    ),
    (
        "user_invited",
        Word(
            "Usuário criado. O link para escolher a senha está a caminho.",
            "User created. The link to choose a password is on its way.",
        ),
    ),
    (
        "fleet_started",
        Word("Atualização iniciada.", "The migration has begun."),
    ),
];
