//! Webhooks.

use crate::pages::language::{Word, catalogue};
use sindico_domain::webhook::{Outcome, State};

catalogue! {
    TITLE = "Webhooks", "Webhooks";
    LEAD = "Um webhook avisa outro sistema, na hora, do que muda aqui. O aviso diz qual registro mudou, assinado; os dados, o outro sistema lê pela API com uma chave própria.", "A webhook tells another system at once what changes here. It says which record changed, and is signed; the data the other system reads by the API, with a key of its own.";
    NONE = "Nenhum webhook", "No webhooks";
    NONE_TEXT = "Crie o primeiro para avisar outro sistema.", "Make the first to tell another system.";
    NEW = "Novo webhook", "New webhook";
    EDIT = "Alterar", "Change";
    CREATE = "Criar webhook", "Make webhook";
    SAVE = "Salvar", "Save";
    NAME = "Nome", "Name";
    URL = "Endereço", "Address";
    URL_HINT = "Começa com https:// e fica na internet pública.", "It begins with https:// and is on the public internet.";
    EVENTS = "O que avisar", "What to tell";
    STATE = "Situação", "State";
    LAST = "Último recebido", "Last taken";
    NEVER = "nunca", "never";
    CREATED = "criado", "created";
    UPDATED = "alterado", "changed";
    DELETED = "excluído", "deleted";
    RESTORED = "restaurado", "restored";
    ACTIVE = "Ativo", "Active";
    PAUSED = "Pausado", "Paused";
    STOPPED = "Parado por falhas", "Stopped by failures";
    STOPPED_TEXT = "O outro sistema falhou por tempo demais, e paramos de chamar. Corrija lá e retome: nada do que aconteceu se perdeu.", "The other system failed for too long, and it is not called any more. Mend it there, then go on: nothing of what happened is lost.";
    FAILING = "A última chamada falhou. Tentamos de novo, cada vez mais tarde.", "The last call failed. It is tried again, ever later.";
    PAUSE = "Pausar", "Pause";
    RESUME = "Retomar", "Go on";
    SKIP = "Retomar só com o novo", "Go on with what is new";
    TEST = "Enviar teste", "Send a test";
    ROTATE = "Gerar outro segredo", "Make a new secret";
    ROTATE_HINT = "O segredo atual ainda vale por um dia.", "The secret of now is good for a day yet.";
    REPLAY_FAILED = "Reenviar todas as falhas", "Send all failed again";
    REPLAY = "Reenviar", "Send again";
    fn replay_of(message) = "Reenviar {message}", "Send {message} again";
    DELETE = "Excluir webhook", "Delete webhook";
    DELETE_TEXT = "O histórico de envios e o segredo vão junto.", "The log of deliveries and the secret go with it.";
    SECRET = "Segredo do webhook", "The webhook's secret";
    SECRET_ONCE = "Copie agora: ele não aparece de novo.", "Copy it now: it is not shown again.";
    SECRET_USE = "Com ele o outro sistema confere a assinatura de cada aviso (webhook-signature).", "With it the other system checks the signature of each message (webhook-signature).";
    DONE_SECRET = "Já copiei", "I have copied it";
    LOG = "Envios", "Deliveries";
    LOG_TEXT = "Os envios aparecem aqui por 30 dias.", "Deliveries are listed here for 30 days.";
    NO_LOG = "Nada enviado ainda", "Nothing sent yet";
    EVENT = "Evento", "Event";
    WHEN = "Quando", "When";
    ATTEMPTS = "Tentativas", "Attempts";
    DETAILS = "Detalhes", "Details";
    ACTION = "Ação", "Action";
    SENT = "Enviado", "Sent";
    RECEIVED = "Recebido", "Received";
    PENDING = "Na fila", "Waiting";
    DELIVERED = "Entregue", "Delivered";
    FAILED = "Falhou", "Failed";
    fn duration(ms) = "{ms} ms", "{ms} ms";
    fn again_at(at) = "Nova tentativa em {at}", "Tried again at {at}";
}

/// A webhook's state.
pub fn state(state: State) -> Word {
    match state {
        State::Active => ACTIVE,
        State::Paused => PAUSED,
        State::Stopped => STOPPED,
    }
}

/// A delivery's.
pub fn outcome(outcome: Outcome) -> Word {
    match outcome {
        Outcome::Pending => PENDING,
        Outcome::Delivered => DELIVERED,
        Outcome::Failed => FAILED,
    }
}

/// What an event says was done, by the last part of its name.
pub fn done(event: &str) -> Word {
    match event.rsplit('.').next() {
        Some("created") => CREATED,
        Some("updated") => UPDATED,
        Some("deleted") => DELETED,
        _ => RESTORED,
    }
}
