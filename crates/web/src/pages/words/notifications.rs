//! Notifications.

use crate::pages::language::{Word, catalogue};
use sindico_domain::notification::Topic;

catalogue! {
    TITLE = "Avisos", "Notifications";
    ALL = "Todos", "All";
    UNREAD = "Não lidos", "Unread";
    fn unread(count) = "Avisos: {count} não lidos", "Notifications: {count} unread";
    NONE = "Nenhum aviso", "No notifications";
    NONE_TEXT = "Lembretes, prazos vencidos e o que outras pessoas passarem para você aparecem aqui.", "Reminders, what is past due and what others give to you appear here.";
    NONE_UNREAD = "Tudo lido", "All read";
    READ_ALL = "Marcar todos como lidos", "Mark all as read";
    MARK_READ = "Marcar como lido", "Mark as read";
    MARK_UNREAD = "Marcar como não lido", "Mark as unread";
    NEW = "novo", "new";
    LIST = "Lista de avisos", "List of notifications";
    PREFERENCES = "O que avisar", "What to tell";
    PREFERENCES_TEXT = "Vale para os próximos avisos, e só para você nesta empresa.", "It counts for what comes next, and for you in this company alone.";
    PORTAL = "No portal", "In the portal";
    MAIL = "Por e-mail", "By e-mail";
    fn reminder(title) = "Lembrete: {title}", "Reminder: {title}";
    fn overdue(title) = "Atrasada: {title}", "Past due: {title}";
    fn sla(title) = "Passou do prazo de atendimento: {title}", "Not done within its hours: {title}";
    fn lead_arrived(title) = "Novo lead do site: {title}", "New lead from the web: {title}";
    fn leads_arrived(count) = "{count} leads novos do site", "{count} new leads from the web";
    fn assigned(title) = "Agora é com você: {title}", "It is yours now: {title}";
    fn assigned_by(by, title) = "{by} passou para você: {title}", "{by} gave you: {title}";
    fn assigned_many(count, what) = "Agora são com você: {count} {what}", "Yours now: {count} {what}";
    fn assigned_many_by(by, count, what) = "{by} passou para você: {count} {what}", "{by} gave you: {count} {what}";
    fn import_done(number) = "A importação nº {number} terminou", "Import no. {number} is done";
    fn import_failed(number) = "A importação nº {number} parou", "Import no. {number} stopped";
    fn import_undone(number) = "A importação nº {number} foi desfeita", "Import no. {number} was taken back";
    fn webhook_stopped(name) = "Webhook parado por falhas: {name}", "Webhook stopped by failures: {name}";
}

/// What a topic is, as people choose it.
pub fn topic(topic: Topic) -> Word {
    match topic {
        Topic::Reminder => Word("Lembretes de atividades", "Reminders of activities"),
        Topic::Assigned => Word(
            "Alguém passou algo para você",
            "Somebody gave something to you",
        ),
        Topic::LeadArrived => Word("Lead novo de um formulário", "A new lead from a form"),
        Topic::Overdue => Word("Atividade atrasada", "An activity is past due"),
        Topic::SlaBreached => Word(
            "Atividade fora do prazo de atendimento",
            "An activity was not done within its hours",
        ),
        Topic::ImportDone => Word("Fim de uma importação sua", "The end of an import of yours"),
        Topic::WebhookStopped => Word("Webhook parado por falhas", "A webhook stopped by failures"),
    }
}

/// The icon of a topic.
pub fn icon(topic: Topic) -> &'static str {
    match topic {
        Topic::Reminder => "bell",
        Topic::Assigned => "user-plus",
        Topic::LeadArrived => "target",
        Topic::Overdue => "clock",
        Topic::SlaBreached => "timer",
        Topic::ImportDone => "upload",
        Topic::WebhookStopped => "webhook",
    }
}
