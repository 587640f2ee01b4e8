//! Filters, saved views, and changing many records at once.

use crate::pages::language::{Language, Word, catalogue};
use sindico_domain::crm::bulk::Action;
use sindico_domain::crm::filter::Op;

catalogue! {
    VIEW = "Visão", "View";
    EVERYTHING = "Todos", "All";
    MANAGE = "Gerenciar visões", "Manage views";
    ADJUST = "Filtro e colunas", "Filter and columns";
    SAVE_AS = "Salvar como visão", "Save as a view";
    CHANGED = "alterada", "changed";
    SAVE_CHANGES = "Salvar alterações", "Save changes";
    DISCARD = "Descartar", "Discard";
    ALL_HOLD = "Todas as condições valem", "All conditions hold";
    ANY_HOLDS = "Pelo menos uma vale", "At least one holds";
    MATCH = "Mostrar o que combina quando", "Show what fits when";
    CONDITIONS = "Condições", "Conditions";
    NO_CONDITIONS = "Nenhuma condição: todos os registros aparecem.", "No condition: all records are shown.";
    NEW_CONDITION = "Nova condição sobre", "New condition on";
    ADD_CONDITION = "Adicionar", "Add";
    fn condition_number(n) = "Condição {n}", "Condition {n}";
    REMOVE_CONDITION = "Tirar", "Remove";
    OPERATOR = "Como", "How";
    VALUE = "Valor", "Value";
    VALUE_TO = "Até", "To";
    VALUES = "Valores, separados por vírgula", "Values, with commas";
    RAW = "Condição avançada (JSON)", "Advanced condition (JSON)";
    ME = "Eu", "Me";
    TEXT = "Qualquer texto", "Any text";
    ID = "Número", "Number";
    COLUMNS = "Colunas", "Columns";
    COLUMNS_HINT = "Nenhuma marcada: as colunas de costume.", "None chosen: the usual columns.";
    ORDER = "Ordem", "Order";
    fn ascending(field) = "{field}, crescente", "{field}, ascending";
    fn descending(field) = "{field}, decrescente", "{field}, descending";
    DENSITY = "Espaço entre as linhas", "Room between rows";
    COMFORTABLE = "Confortável", "Comfortable";
    COMPACT = "Compacto", "Compact";
    SHOW = "Mostrar", "Show";
    fn advanced(n) = "{n} condições combinadas", "{n} combined conditions";
    fn not(what) = "não ({what})", "not ({what})";
    NEW_VIEW = "Nova visão", "New view";
    EDIT_VIEW = "Editar visão", "Edit view";
    VIEWS = "Visões", "Views";
    VIEWS_DETAIL = "Suas visões e as que toda a empresa vê.", "Your views, and those that the whole company sees.";
    NO_VIEWS = "Nenhuma visão ainda", "No views yet";
    NO_VIEWS_DETAIL = "Filtre uma lista e salve-a como visão.", "Filter a list, and save it as a view.";
    VIEW_NAME = "Nome da visão", "Name of the view";
    WHO_SEES = "Quem vê", "Who sees it";
    ONE_TEAM = "Um time", "A team";
    fn team(name) = "Time {name}", "The team {name}";
    ONLY_ME = "Só eu", "Only me";
    WHOLE_COMPANY = "Toda a empresa", "The whole company";
    DEFAULT_FOR = "Primeira visão de quem é", "First view of every";
    REALLY_CHANGE = "Toda a empresa vê esta visão: o que você salvar muda para todos.", "The whole company sees this view: what you save changes for all.";
    VIEW_STUCK = "Alguém mudou esta visão enquanto isso", "Somebody changed this view meanwhile";
    VIEW_STUCK_DETAIL = "Nada foi salvo. Compare, e salve por cima só se for o que você quer.", "Nothing was saved. Compare, and save over it only if that is what you want.";
    THEIRS = "Como está agora", "As it is now";
    YOURS = "Como você quer", "As you want it";
    SAVE_OVER = "Salvar a minha por cima", "Save mine over it";
    DELETE_VIEW = "Excluir visão", "Delete view";
    UNDO_VIEW = "Desfazer a última mudança", "Undo the last change";
    NOTHING = "nada", "nothing";
    FILTER = "Filtro", "Filter";
}

catalogue! {
    CHANGE_MANY = "Alterar vários", "Change many";
    SELECTED = "Alterar os selecionados", "Change the selected";
    fn all_that_fit(n) = "Alterar todos que combinam ({n})", "Change all that fit ({n})";
    SELECT_HINT = "Marque linhas, ou altere todos os que combinam com o filtro.", "Select rows, or change all that fit the filter.";
    SELECT_PAGE = "Marcar esta página", "Select this page";
    NONE_SELECTED = "Nenhuma linha foi marcada.", "No row was selected.";
    FIELDS = "Alterar campos", "Change fields";
    FIELDS_HINT = "Só os campos marcados mudam. Um campo marcado e vazio é esvaziado.", "Only the fields that are marked change. One that is marked and empty is emptied.";
    fn change_this(field) = "Alterar: {field}", "Change: {field}";
    REASSIGN = "Mudar o responsável", "Give to another member";
    TAGS = "Etiquetas", "Tags";
    TAG = "Pôr etiquetas", "Add tags";
    UNTAG = "Tirar etiquetas", "Remove tags";
    DELETE_MANY = "Mover para a lixeira", "Move to the bin";
    DELETE_HINT = "Antes você vê o que muda, e depois pode desfazer.", "You see before what changes, and can undo it after.";
    PREVIEW = "Ver o que muda", "See what changes";
    PREVIEW_TITLE = "O que vai mudar", "What will change";
    fn will_change(n) = "{n} mudam", "{n} change";
    fn stay(n) = "{n} já estão assim", "{n} are so already";
    fn cannot(n) = "{n} não podem", "{n} can't";
    CANNOT = "Não podem mudar assim, e ficam como estão", "Can't be changed so, and stay as they are";
    WHY = "Motivo", "Reason";
    RECORD = "Registro", "Record";
    BEFORE_AFTER = "Antes e depois", "Before and after";
    fn first_of(shown, all) = "Os primeiros {shown} de {all}", "The first {shown} of {all}";
    fn do_it(n) = "Alterar {n} registros", "Change {n} records";
    fn delete_them(n) = "Mover {n} para a lixeira", "Move {n} to the bin";
    NOTHING_CHANGES = "Nada mudaria.", "Nothing would change.";
    OTHER_BY_NOW = "Algo mudou desde que você olhou. Nada foi feito: confira de novo.", "Something has changed since you looked. Nothing was done: look again.";
    BACK_TO_LIST = "Voltar à lista", "Back to the list";
    GOES_TO_BIN = "vai para a lixeira", "goes to the bin";
}

/// How an operator is read between a field and its value.
pub fn op(op: Op) -> Word {
    match op {
        Op::Is => Word("é", "is"),
        Op::IsNot => Word("não é", "is not"),
        Op::In => Word("é um de", "is one of"),
        Op::NotIn => Word("não é nenhum de", "is none of"),
        Op::Contains => Word("contém", "contains"),
        Op::StartsWith => Word("começa com", "begins with"),
        Op::Lt => Word("menor que", "less than"),
        Op::Lte => Word("até", "at most"),
        Op::Gt => Word("maior que", "more than"),
        Op::Gte => Word("a partir de", "at least"),
        Op::Between => Word("entre", "between"),
        Op::Today => Word("hoje", "today"),
        Op::ThisWeek => Word("nesta semana", "this week"),
        Op::ThisMonth => Word("neste mês", "this month"),
        Op::LastNDays => Word("nos últimos dias:", "in the last days:"),
        Op::NextNDays => Word("nos próximos dias:", "in the next days:"),
        Op::HasAny => Word("tem alguma de", "has any of"),
        Op::HasAll => Word("tem todas de", "has all of"),
        Op::HasNone => Word("não tem nenhuma de", "has none of"),
        Op::IsEmpty => Word("está vazio", "is empty"),
        Op::IsSet => Word("está preenchido", "is filled"),
    }
}

/// What an action is called.
pub fn action(action: Action) -> Word {
    match action {
        Action::Edit => FIELDS,
        Action::Reassign => REASSIGN,
        Action::Tag => TAG,
        Action::Untag => UNTAG,
        Action::Delete => DELETE_MANY,
    }
}

/// Both, side by side, as in a chip.
pub fn condition(language: Language, field: &str, op: Word, value: &str) -> String {
    let op = op.in_(language);
    match value.is_empty() {
        true => format!("{field} {op}"),
        false => format!("{field} {op} {value}"),
    }
}

/// What the rules say of filters, views and bulk edits, as in [`super::messages::MESSAGES`].
pub const MESSAGES: &[(&str, &str)] = &[
    (
        "More than {} records fit, and that many can be changed at once. Narrow it, and do the rest after.",
        "Mais de {} registros combinam, e esse é o máximo de uma vez. Filtre mais e faça o resto depois.",
    ),
    (
        "Use one of all, any and not, or a condition with field, op and value.",
        "Use all, any ou not, ou uma condição com field, op e value.",
    ),
    (
        "What it would do has changed since the preview. Nothing was done: look at it again.",
        "O que mudaria já é outra coisa. Nada foi feito: confira de novo.",
    ),
    (
        "Others see this view: it takes {} on views, which your role may not in this tenant.",
        "Toda a empresa vê esta visão: seu papel não permite {} em visões.",
    ),
    (
        "Everybody sees it: send If-Match with the ETag of the version that you have read.",
        "Toda a empresa vê isto: recarregue a página e repita a mudança.",
    ),
    (
        "Another view is the one that this role begins with. Change that one first.",
        "Este papel já tem outra primeira visão. Mude aquela antes.",
    ),
    (
        "Only a view that everybody sees can be the one that a role begins with.",
        "Só uma visão de toda a empresa pode ser a primeira de um papel.",
    ),
    (
        "It takes {} on {}, which your role may not in this tenant.",
        "Isto precisa de {} em {}, que seu papel não permite nesta empresa.",
    ),
    (
        "There is a view with this name already.",
        "Já existe uma visão com este nome.",
    ),
    (
        "No two records share it: change it one by one.",
        "Não há dois registros com o mesmo: mude um por um.",
    ),
    (
        "Name at least one field to change.",
        "Escolha pelo menos um campo para alterar.",
    ),
    ("Name at least one tag.", "Escreva pelo menos uma etiqueta."),
    ("Name at least one value.", "Escolha pelo menos um valor."),
    (
        "Name the smaller value first.",
        "Ponha o menor valor primeiro.",
    ),
    (
        "Expected a list of two values: from and to.",
        "Preencha os dois valores: de e até.",
    ),
    (
        "Expected an object: a group or a condition.",
        "Isto não é um grupo nem uma condição.",
    ),
    (
        "Groups may stand at most {} deep in each other.",
        "Os grupos podem estar até {} níveis um dentro do outro.",
    ),
    (
        "This is not JSON. A filter looks like {}.",
        "Isto não é JSON. Um filtro é assim: {}.",
    ),
    (
        "A condition has field, op and value, and no {}.",
        "Uma condição tem field, op e value, e não {}.",
    ),
    (
        "There is no such field. Use one of: {}.",
        "Este campo não existe. Use um destes: {}.",
    ),
    (
        "Use the id of a member, or me.",
        "Escolha uma pessoa da equipe, ou você.",
    ),
    ("Use at most {} conditions.", "Use no máximo {} condições."),
    ("Use at most {} bytes.", "Use no máximo {} bytes."),
    ("Expected a list.", "Isto precisa ser uma lista."),
    ("{} takes one of: {}.", "{} aceita um destes: {}."),
    ("{} takes no value.", "{} não leva valor."),
];
