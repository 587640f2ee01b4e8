//! Words of the design system's own: what its components say whoever uses them.

use crate::pages::language::catalogue;

catalogue! {
    SKIP = "Ir para o conteúdo", "Skip to the content";
    NAVIGATION = "Navegação principal", "Main navigation";
    MORE = "Mais", "More";
    BREADCRUMBS = "Caminho da página", "Path of this page";
    TABS = "Partes desta página", "Parts of this page";
    ACCOUNT = "Sua conta", "Your account";
    SIGN_OUT = "Sair", "Sign out";
    SEARCH_OR_GO = "Buscar ou ir para...", "Search or go to...";
    STREAM_LOST = "Sem atualização ao vivo", "No live updates";
    NOTICES = "Avisos", "Notices";
    END_SUPPORT = "Encerrar acesso", "End access";

    SHORTCUTS = "Atalhos do teclado", "Keyboard shortcuts";
    SHORTCUT_PALETTE = "Buscar ou ir para", "Search or go to";
    SHORTCUT_HELP = "Mostrar estes atalhos", "Show these shortcuts";
    SHORTCUT_CREATE = "Criar, ou registrar uma ligação, onde a página oferece", "Create, or log a call, where the page offers it";
    SHORTCUT_EDIT = "Editar o registro aberto", "Edit the open record";
    SHORTCUT_CARD = "Pegar e soltar um cartão", "Pick up and drop a card";
    SHORTCUT_ARROWS = "Mover o cartão", "Move the card";
    SHORTCUT_ESCAPE = "Fechar ou cancelar", "Close or cancel";
    KEY_SPACE = "Espaço", "Space";

    PALETTE = "Comandos e busca", "Commands and search";
    PALETTE_HINT = "Digite um nome, um telefone, um CNPJ ou um comando", "Type a name, a phone, a CNPJ or a command";
    PALETTE_COMMANDS = "Comandos", "Commands";
    PALETTE_RESULTS = "Resultados", "Results";
    PALETTE_NOTHING = "Nada encontrado", "Nothing found";
    PALETTE_FOUND = "{n} resultados", "{n} results";

    REQUIRED = "obrigatório", "required";
    CHOOSE = "Escolha...", "Choose...";
    fn wrong_fields(count) = "Corrija {count} campos para continuar", "Correct {count} fields to go on";
    WRONG_FIELD = "Corrija um campo para continuar", "Correct one field to go on";
    DRAFT_FOUND = "Há um rascunho que não foi salvo.", "There is a draft that was not saved.";
    DRAFT_USE = "Recuperar", "Restore";
    DRAFT_DROP = "Descartar", "Discard";

    SORT = "ordenar", "sort";
    FIRST_PAGE = "Primeira página", "First page";
    NEXT = "Próxima", "Next";
    PAGES = "Páginas da lista", "Pages of the list";
    FILTERS = "Filtros", "Filters";
    APPLY = "Aplicar", "Apply";
    CLEAR = "Limpar filtros", "Clear filters";
    fn without(filter) = "Remover o filtro: {filter}", "Remove the filter: {filter}";
    fn select_row(name) = "Selecionar {name}", "Select {name}";
    EDIT = "Editar", "Edit";
    fn edit_of(field) = "Editar: {field}", "Edit: {field}";
    NONE = "Sem informação", "Not given";
    BEFORE = "antes", "before";
    AFTER = "depois", "after";
    NOTHING_BEFORE = "vazio", "empty";

    STEP_WAITING = "Aguardando", "Waiting";
    STEP_RUNNING = "Em andamento", "Running";
    STEP_DONE = "Concluído", "Done";
    STEP_FAILED = "Falhou", "Failed";
    STEP_SKIPPED = "Não foi preciso", "Not needed";

    MOVE_TO = "Mover para", "Move to";
    fn actions_of(name) = "Ações: {name}", "Actions: {name}";
    LOAD_MORE = "Mostrar mais", "Show more";
    NO_CARDS = "Nenhum cartão aqui", "No cards here";
    CARD_HELP = "Espaço pega o cartão, as setas movem, Espaço solta, Esc cancela.", "Space picks the card up, arrows move it, Space drops it, Escape cancels.";
    CARD_PICKED = "{card}: cartão na mão. Coluna {column}, posição {position}.", "{card}: picked up. Column {column}, position {position}.";
    CARD_AT = "Coluna {column}, posição {position} de {count}.", "Column {column}, position {position} of {count}.";
    CARD_DROPPED = "{card}: movido para {column}, posição {position}.", "{card}: moved to {column}, position {position}.";
    CARD_KEPT = "{card}: não foi movido.", "{card}: not moved.";
    CARD_REFUSED = "O cartão voltou: o servidor não aceitou a mudança.", "The card went back: the server did not accept the move.";
    CANT_REACH = "O servidor não responde. Tente de novo.", "The server does not answer. Try again.";

    SEE_DATA = "Ver os números", "See the numbers";
    TODAY = "hoje", "today";
    YESTERDAY = "ontem", "yesterday";
    TOMORROW = "amanhã", "tomorrow";
    NOW = "agora", "now";
    fn minutes_ago(n) = "há {n} min", "{n} min ago";
    fn hours_ago(n) = "há {n} h", "{n} h ago";
    fn days_ago(n) = "há {n} dias", "{n} days ago";
    fn in_minutes(n) = "em {n} min", "in {n} min";
    fn in_hours(n) = "em {n} h", "in {n} h";
    fn in_days(n) = "em {n} dias", "in {n} days";
}
