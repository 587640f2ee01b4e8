//! Pipelines and their stages, the reasons for losses, and the forecast.

use crate::pages::language::catalogue;

catalogue! {
    LEAD = "As etapas por onde as vendas passam. Cada funil tem as suas, e um quadro próprio.", "The stages that sales go through. Each pipeline has its own, and a board of its own.";
    NAME = "Nome", "Name";
    STAGES = "Etapas", "Stages";
    STRICT = "Uma etapa depois da outra", "One stage after the other";
    STRICT_HINT = "Ligado: só para a próxima etapa, e o que foi encerrado fica encerrado. Desligado: para qualquer etapa, e dá para reabrir.", "On: to the next stage only, and what is closed stays closed. Off: to any stage, and what is closed can be opened again.";
    FREE = "Livre", "Free";
    MOVES = "Movimentos", "Moves";
    ADD_PIPELINE = "Novo funil", "New pipeline";
    ADD = "Adicionar", "Add";
    SAVE = "Salvar", "Save";
    OPEN_BOARD = "Abrir o quadro", "Open the board";
    ADD_STAGE = "Nova etapa", "New stage";
    EDIT_STAGE = "Etapa", "Stage";
    ACTIONS = "Ações", "Actions";
    fn edit_of(name) = "Editar {name}", "Edit {name}";
    fn up_of(name) = "{name}: uma posição antes", "{name}: one place earlier";
    fn down_of(name) = "{name}: uma posição depois", "{name}: one place later";
    PROBABILITY = "Probabilidade (%)", "Probability (%)";
    PROBABILITY_HINT = "Vale para as vendas que não dizem a sua.", "Counts for sales that do not say their own.";
    COLOR = "Cor", "Colour";
    ROTS = "Esfria depois de (dias)", "Rots after (days)";
    ROTS_HINT = "Sem mudar de etapa e sem atividade. Vazio: nunca.", "Without a move and without an activity. Empty: never.";
    REQUIRED = "Pede para entrar", "Asks for on the way in";
    REQUIRED_HINT = "Nenhuma venda entra nesta etapa sem estes campos, seja qual for o caminho.", "No sale enters this stage without these fields, whatever its way.";
    FORECAST_AS = "Na previsão conta como", "In the forecast it counts as";
    ARCHIVED = "Arquivada", "Archived";
    ARCHIVED_HINT = "Nada mais entra; o que está nela pode sair.", "Nothing enters any more; what is in it can leave.";
    CODE = "Código", "Code";
    DELETE_STAGE = "Excluir a etapa", "Delete the stage";
    DELETE_PIPELINE = "Excluir o funil", "Delete the pipeline";
    MOVE_SALES = "Levar as vendas para", "Take its sales to";
    MOVE_NOWHERE = "Só se estiver vazia", "Only if it is empty";
    REASONS = "Motivos de perda", "Reasons for losses";
    REASONS_LEAD = "Quando a etapa Perdida pede o motivo, é um destes.", "Where the stage Lost asks for a reason, it is one of these.";
    NO_REASONS = "Nenhum ainda: vale qualquer texto.", "None yet: any words will do.";
    ADD_REASON = "Novo motivo", "New reason";
    RENAME = "Renomear", "Rename";
    REMOVE = "Excluir", "Delete";
    CANCEL = "Cancelar", "Cancel";
    HISTORY = "Últimas mudanças", "Latest changes";
    UNDO = "Desfazer", "Undo";
    fn undo_of(what, when) = "Desfazer: {what}, {when}", "Undo: {what}, {when}";
    UNDONE = "desfeita", "undone";
    WHEN = "Quando", "When";
    WHO = "Quem", "Who";
    WHAT = "O quê", "What";
    STALE = "Alguém mudou este funil enquanto isso. Veja como está agora e repita.", "Somebody changed this pipeline meanwhile. See how it is now, and repeat.";

    DID_CREATE = "Criou o funil", "Made the pipeline";
    DID_UPDATE = "Mudou o funil", "Changed the pipeline";
    DID_DELETE = "Excluiu o funil", "Deleted the pipeline";
    DID_STAGE_ADD = "Criou uma etapa", "Added a stage";
    DID_STAGE_UPDATE = "Mudou uma etapa", "Changed a stage";
    DID_STAGE_DELETE = "Excluiu uma etapa", "Deleted a stage";
    DID_REASON_CREATE = "Criou um motivo de perda", "Added a reason for losses";
    DID_REASON_UPDATE = "Renomeou um motivo de perda", "Renamed a reason for losses";
    DID_REASON_DELETE = "Excluiu um motivo de perda", "Deleted a reason for losses";
    DID_UNDO = "Desfez uma mudança", "Undid a change";

    NEUTRAL = "Cinza", "Grey";
    INFO = "Azul", "Blue";
    ACCENT = "Da casa", "The house's";
    WARNING = "Amarelo", "Yellow";
    OK = "Verde", "Green";
    DANGER = "Vermelho", "Red";

    FORECAST = "Previsão", "Forecast";
    FORECAST_LEAD = "O que deve ser vendido em cada mês, pela previsão de fechamento das oportunidades em aberto.", "What should be sold in each month, by the expected close of open opportunities.";
    MONTH = "Mês", "Month";
    WON = "Já ganho", "Won already";
    COMMITTED = "Comprometido", "Committed";
    BEST_CASE = "Melhor caso", "Best case";
    PIPELINE = "Tudo em aberto", "All that is open";
    WEIGHTED = "Ponderado", "Weighted";
    GOAL = "Meta", "Goal";
    OVERDUE = "Atrasadas", "Overdue";
    LATER = "Depois", "Later";
    UNDATED = "Sem data", "Undated";
    BY_MONTH = "Por mês", "By month";
    BY_MONTH_TEXT = "Barras de cada mês: comprometido, melhor caso e ponderado pela probabilidade.", "Bars of each month: committed, best case, and weighted by probability.";
    HOW = "Comprometido é o que já foi ganho mais as etapas que contam assim; melhor caso soma as que contam como melhor caso; ponderado conta cada venda pela probabilidade dela, ou da etapa.", "Committed is what is won and the stages that count so; best case adds those that count as best case; weighted counts each sale by its own probability, or its stage's.";
    MONTHS = "Meses", "Months";
    EVERY_PIPELINE = "Todos", "All";
}

/// What the rules say of them, in both languages.
pub const MESSAGES: &[(&str, &str)] = &[
    (
        "The stage {} asks for a reason. Use one of: {}.",
        "A etapa {} pede um motivo. Use um destes: {}.",
    ),
    (
        "The stage {} asks for this field.",
        "A etapa {} pede este campo.",
    ),
    (
        "The stage {} is archived: nothing enters it any more.",
        "A etapa {} está arquivada: nada mais entra nela.",
    ),
    (
        "Not a stage of this pipeline. Use one of: {}.",
        "Não é uma etapa deste funil. Use uma destas: {}.",
    ),
    (
        "Not a valid choice. Use the code of a stage, such as PROPOSAL.",
        "Use o código de uma etapa, como PROPOSAL.",
    ),
    (
        "There is no pipeline with the id {}.",
        "Não existe um funil com o número {}.",
    ),
    (
        "There is no pipeline called {}.",
        "Não existe um funil chamado {}.",
    ),
    (
        "Into another pipeline an opportunity comes open, not as {}.",
        "Em outro funil a oportunidade entra em aberto, e não como {}.",
    ),
    (
        "Another stage has this code already.",
        "Outra etapa já tem este código.",
    ),
    (
        "Another stage of this pipeline has this name already.",
        "Outra etapa deste funil já tem este nome.",
    ),
    (
        "There is a pipeline with this name already.",
        "Já existe um funil com este nome.",
    ),
    (
        "There is a reason with this name already.",
        "Já existe um motivo com este nome.",
    ),
    (
        "A code stays as it is: records have it.",
        "O código fica como está: os registros o usam.",
    ),
    (
        "A pipeline needs a stage of open sales that can be entered.",
        "Um funil precisa de uma etapa em aberto em que se possa entrar.",
    ),
    ("A pipeline has one stage {}.", "Um funil tem uma etapa {}."),
    (
        "A pipeline has at most {} stages.",
        "Um funil tem no máximo {} etapas.",
    ),
    (
        "A pipeline keeps its stages WON and LOST.",
        "Um funil mantém as etapas Ganha e Perdida.",
    ),
    ("{} can't be archived.", "{} não pode ser arquivada."),
    ("{} is at {} per cent.", "{} fica em {} por cento."),
    (
        "What is closed does not rot.",
        "O que foi encerrado não esfria.",
    ),
    (
        "Only LOST can ask for loss_reason.",
        "Só a etapa Perdida pode pedir o motivo da perda.",
    ),
    (
        "A company has at most {} pipelines.",
        "Uma empresa tem no máximo {} funis.",
    ),
    (
        "A company has at most {} reasons.",
        "Uma empresa tem no máximo {} motivos.",
    ),
    ("A stage can't ask for {}.", "Uma etapa não pode pedir {}."),
    (
        "Expected a list of names of fields.",
        "Esperada uma lista de campos.",
    ),
    (
        "The first pipeline stays: rename it, or change its stages.",
        "O primeiro funil fica: mude o nome dele, ou as etapas.",
    ),
    (
        "Use the id of another stage of open sales of this pipeline.",
        "Escolha outra etapa em aberto deste funil.",
    ),
    ("Use the id of another pipeline.", "Escolha outro funil."),
    (
        "{} sales are in it, those in the bin included: say by move_to where they go.",
        "{} vendas estão nela, contando as da lixeira: diga para onde elas vão.",
    ),
    (
        "More than {} sales are in it, and that many can be moved at once. Move some by a bulk edit first.",
        "Mais de {} vendas estão nela, e é isso que se move de uma vez. Mova algumas antes, na lista.",
    ),
    (
        "A sale has come in meanwhile. Nothing was done: try again.",
        "Uma venda entrou nela enquanto isso. Nada foi feito: tente de novo.",
    ),
    (
        "This stage is not there any more, or a sale is in it.",
        "Esta etapa não existe mais, ou há uma venda nela.",
    ),
    (
        "It was set up otherwise since. Nothing was undone.",
        "Foi configurado de outro jeito depois disso. Nada foi desfeito.",
    ),
    (
        "Sales have come in since. Nothing was undone.",
        "Vendas entraram depois disso. Nada foi desfeito.",
    ),
];
