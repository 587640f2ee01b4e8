//! The pages of daily work: my day, boards, calendar, logging, metrics, goals, sample data.

use crate::pages::language::catalogue;

catalogue! {
    fn good_morning(name) = "Bom dia, {name}", "Good morning, {name}";
    fn good_afternoon(name) = "Boa tarde, {name}", "Good afternoon, {name}";
    fn good_evening(name) = "Boa noite, {name}", "Good evening, {name}";
    fn long_date(weekday, day, month, year) = "{weekday}, {day} de {month} de {year}", "{weekday}, {day} {month} {year}";
    fn day_and_month(weekday, day, month) = "{weekday}, {day} de {month}", "{weekday}, {day} {month}";
    fn month_and_year(month, year) = "{month} de {year}", "{month} {year}";
}

catalogue! {
    OVERDUE = "Atrasadas", "Overdue";
    DUE_TODAY = "Para hoje", "Due today";
    NEXT_DAYS = "Próximos 7 dias", "Next 7 days";
    NOTHING_DUE = "Nada na agenda", "Nothing on the agenda";
    NOTHING_DUE_TEXT = "Você está em dia. Que tal combinar o próximo passo de uma negociação?", "You are up to date. How about planning the next step of a sale?";
    NEW_ACTIVITY = "Nova atividade", "New activity";
    ALL_ACTIVITIES = "Todas as atividades", "All activities";
    DONE = "Concluir", "Done";
    fn done_of(title) = "Concluir: {title}", "Done: {title}";
    SNOOZE_HOUR = "Adiar 1 hora", "Snooze 1 hour";
    SNOOZE_TOMORROW = "Adiar para amanhã", "Snooze until tomorrow";
    DISMISS = "Dispensar lembrete", "Dismiss the reminder";
    fn reminders_due(count) = "{count} lembretes para agora", "{count} reminders are due";
    ONE_REMINDER = "1 lembrete para agora", "1 reminder is due";
    MY_SALES = "Minhas oportunidades em aberto", "My open opportunities";
    NO_SALES = "Nenhuma oportunidade em aberto é sua.", "No open opportunity is yours.";
    SEE_BOARD = "Ver o quadro", "See the board";
    MONTH = "Meta do mês", "This month's goal";
    MINE = "Minha", "Mine";
    COMPANY = "Empresa", "Company";
    fn won_of(won, goal) = "{won} de {goal}", "{won} of {goal}";
    fn won_without_goal(won) = "{won} ganhos, sem meta", "{won} won, no goal";
    SEE_GOALS = "Ver metas", "See goals";
    UNOWNED = "Leads sem responsável", "Leads without an owner";
    NO_UNOWNED = "Todos os leads novos têm responsável.", "Every new lead has an owner.";
    TAKE = "Assumir", "Take it";
    fn take_of(name) = "Assumir: {name}", "Take it: {name}";
    ALL_LEADS = "Todos os leads", "All leads";
    STAT_OVERDUE = "Atrasadas", "Overdue";
    STAT_TODAY = "Para hoje", "Due today";
    STAT_OPEN = "Em aberto, minhas", "Open, mine";
    STAT_WON = "Ganhas no mês, minhas", "Won this month, mine";
    STAT_ROTTING = "Paradas, minhas", "Rotting, mine";
    STAT_NEW_LEADS = "Leads novos", "New leads";
}

catalogue! {
    WELCOME = "Seu espaço está pronto", "Your place is ready";
    WELCOME_TEXT = "Cadastre o primeiro lead ou cliente. Para conhecer o sistema antes, preencha com dados de exemplo: eles saem com um clique.", "Add the first lead or customer. To look around first, fill in sample data: a click takes them away again.";
    FIRST_LEAD = "Cadastrar um lead", "Add a lead";
    SAMPLE = "Dados de exemplo", "Sample data";
    SAMPLE_HINT = "Você está vendo dados de exemplo.", "You are looking at sample data.";
    SAMPLE_REMOVE = "Remover os dados de exemplo", "Remove the sample data";
    SAMPLE_FILL = "Preencher com dados de exemplo", "Fill in sample data";
    fn sample_fill_text(customers, leads, sales, activities) = "Cria {customers} clientes, {leads} leads, {sales} oportunidades, {activities} atividades e algumas metas, com pessoas e empresas inventadas. Os seus registros ficam como estão.", "Makes {customers} customers, {leads} leads, {sales} opportunities, {activities} activities and a few goals, of people and companies that do not exist. Your own records stay as they are.";
    SAMPLE_THERE = "Estes registros são de exemplo:", "These records are samples:";
    SAMPLE_REMOVE_TEXT = "Vão para a lixeira estes registros, e só eles. Dá para desfazer.", "These records go to the bin, and no others. It can be undone.";
    fn sample_changed(count) = "{count} deles foram editados por alguém depois de criados, e saem também.", "{count} of them were edited by somebody since, and go as well.";
    SAMPLE_CHANGED_ONE = "1 deles foi editado por alguém depois de criado, e sai também.", "1 of them was edited by somebody since, and goes as well.";
    SAMPLE_CONFIRM_FILL = "Sim, preencher", "Yes, fill them in";
    SAMPLE_CONFIRM_REMOVE = "Sim, remover", "Yes, remove them";
}

catalogue! {
    CALENDAR = "Agenda", "Calendar";
    MONTHS = "Meses", "Months";
    THIS_DAY = "Hoje", "Today";
    NEW_OPPORTUNITY = "Nova oportunidade", "New opportunity";
    NEW_LEAD = "Novo lead", "New lead";
    OWNER = "Responsável", "Owner";
    ANYBODY = "Todos", "Everybody";
    NOBODY = "Ninguém", "Nobody";
    SEARCH = "Buscar", "Search";
    SEARCH_SALES = "Título, cliente, anotação", "Title, customer, note";
    SEARCH_LEADS = "Nome, empresa, e-mail", "Name, company, e-mail";
    CLOSED_SINCE = "Fechadas", "Closed";
    fn last_days(count) = "Últimos {count} dias", "Last {count} days";
    EMPTY_BOARD = "Nenhuma oportunidade ainda", "No opportunities yet";
    EMPTY_BOARD_TEXT = "Cadastre a primeira, ou converta um lead qualificado.", "Add the first one, or convert a qualified lead.";
    EMPTY_LEADS = "Nenhum lead ainda", "No leads yet";
    EMPTY_LEADS_TEXT = "Cadastre quem pode virar cliente.", "Add who may become a customer.";
    NOTHING_FITS = "Nada com estes filtros", "Nothing fits these filters";
    NOTHING_FITS_TEXT = "Tente outra busca, ou tire um filtro.", "Try another search, or drop a filter.";
    PAST_CLOSE = "data vencida", "past its date";
    fn closes_on(date) = "prev. {date}", "exp. {date}";
    fn score(number) = "pontuação {number}", "score {number}";
}

catalogue! {
    fn moved_to(title, stage) = "{title}: agora em {stage}.", "{title}: now in {stage}.";
    STAYED = "O cartão já estava ali.", "The card was there already.";
    REASON_TITLE = "Por que foi perdida?", "Why was it lost?";
    REASON = "Motivo da perda", "Reason for the loss";
    REASON_HINT = "Com o motivo anotado, dá para aprender com as perdas.", "With the reason on record, losses teach something.";
    REASON_PRICE = "Preço", "Price";
    REASON_RIVAL = "Concorrente", "A competitor";
    REASON_TIME = "Prazo", "Timing";
    REASON_BUDGET = "Sem verba", "No budget";
    REASON_SILENCE = "Parou de responder", "Stopped answering";
    MARK_LOST = "Marcar como perdida", "Mark as lost";
    WON_TITLE = "Negócio fechado!", "It is sold!";
    WON_AMOUNT = "Valor fechado", "Amount it was sold for";
    WON_HINT = "Confira o valor: ele entra na meta do mês.", "Check the amount: it counts for the month's goal.";
    MARK_WON = "Marcar como ganha", "Mark as won";
    DISQUALIFY_TITLE = "Por que não vale a pena?", "Why is it not worth it?";
    DISQUALIFY_REASON = "Motivo", "Reason";
    DISQUALIFY_HINT = "Opcional. Ajuda quem encontrar este lead depois.", "Optional. It helps whoever finds this lead later.";
    DISQUALIFY = "Descartar", "Disqualify";
}

catalogue! {
    LOG_CALL = "Registrar ligação", "Log a call";
    LOG = "Registrar contato", "Log a contact";
    LOG_KIND = "Tipo", "Kind";
    LOG_ABOUT = "Com quem, ou sobre o quê?", "With whom, or about what?";
    LOG_ABOUT_HINT = "Busque um cliente, um lead ou uma oportunidade.", "Look for a customer, a lead or an opportunity.";
    ONE_LEAD = "Lead", "Lead";
    ONE_OPPORTUNITY = "Oportunidade", "Opportunity";
    LOG_FOUND = "Encontrados", "Found";
    LOG_NOTHING = "Nada encontrado. Um contato é registrado em um lead ou em uma oportunidade.", "Nothing was found. A contact is logged for a lead or for an opportunity.";
    LOG_CHOOSE = "Escolha um lead ou uma oportunidade.", "Choose a lead or an opportunity.";
    LOG_OUTCOME = "Resultado", "Outcome";
    LOG_NOTE = "Anotação", "Note";
    LOG_DURATION = "Duração (minutos)", "Duration (minutes)";
    LOG_NEXT = "Próximo passo", "Next step";
    LOG_NEXT_HINT = "Opcional: vira uma atividade de retorno na sua agenda.", "Optional: becomes a follow-up on your agenda.";
    LOG_NEXT_DUE = "Quando", "When";
    LOG_NEXT_DUE_NEEDED = "Diga quando.", "Say when.";
    LOG_SAVE = "Registrar", "Log it";
    OUTCOME_REACHED = "Atendeu", "Answered";
    OUTCOME_MISSED = "Não atendeu", "No answer";
    OUTCOME_BACK = "Pediu retorno", "Asked to be called back";
    OUTCOME_PROPOSAL = "Pediu proposta", "Asked for a proposal";
    fn log_title(kind, about) = "{kind}: {about}", "{kind}: {about}";
    WRONG_TIME = "Informe um dia e uma hora.", "Give a day and a time.";
}

catalogue! {
    VIEW_MONTH = "Mês", "Month";
    VIEW_WEEK = "Semana", "Week";
    PREVIOUS_MONTH = "Mês anterior", "Previous month";
    NEXT_MONTH = "Próximo mês", "Next month";
    PREVIOUS_WEEK = "Semana anterior", "Previous week";
    NEXT_WEEK = "Próxima semana", "Next week";
    ASSIGNEE = "Responsável", "Assignee";
    ME = "Eu", "Me";
    fn new_on(date) = "Nova atividade em {date}", "New activity on {date}";
    fn more_that_day(count) = "mais {count}", "{count} more";
    CALENDAR_FULL = "Há mais atividades do que cabe aqui. Filtre por responsável, ou veja a semana.", "There are more activities than fit here. Filter by assignee, or look at the week.";
    NO_ACTIVITIES = "Sem atividades neste período.", "No activities in this period.";
}

catalogue! {
    METRICS = "Indicadores", "Metrics";
    PERIOD = "Período", "Period";
    FROM = "De", "From";
    TO = "Até", "To";
    PERIOD_MONTH = "Este mês", "This month";
    PERIOD_LAST_MONTH = "Mês passado", "Last month";
    PERIOD_90 = "90 dias", "90 days";
    PERIOD_YEAR = "Este ano", "This year";
    PERIOD_ALL = "Tudo", "All time";
    MEMBER = "Pessoa", "Member";
    PIPELINE = "Em negociação", "In the pipeline";
    WIN_RATE = "Taxa de ganho", "Win rate";
    LEAD_RATE = "Leads convertidos", "Leads converted";
    OPEN_ACTIVITIES = "Atividades pendentes", "Pending activities";
    SLA = "Atendimento atrasado", "Past their SLA";
    LEAD_FUNNEL = "Leads por situação", "Leads by status";
    SALES_FUNNEL = "Oportunidades por etapa", "Opportunities by stage";
    BY_PRIORITY = "Pendentes por prioridade", "Pending by priority";
    WON_BY_MONTH = "Ganhos por mês e metas", "Won by month, and goals";
    WON = "Ganho", "Won";
    GOAL = "Meta", "Goal";
    STATUS = "Situação", "Status";
    STAGE = "Etapa", "Stage";
    PIPELINE_OF = "Funil", "Pipeline";
    SET_UP = "Configurar", "Set up";
    GATE_TITLE = "Falta dizer", "Still to be told";
    GATE_TEXT = "Esta etapa pede:", "This stage asks for:";
    GATE_GO = "Mover", "Move";
    CHOOSE = "Escolha", "Choose";
    fn rotting_days(days) = "Parada há {days} dias", "Still for {days} days";
    FIRST_PIPELINE = "Funil de vendas", "Sales pipeline";
    PRIORITY = "Prioridade", "Priority";
    MONTH_NAME = "Mês", "Month";
    COUNTED_BY = "Leads, oportunidades e atividades criados no período. O que está atrasado conta agora.", "Leads, opportunities and activities created in the period. What is overdue counts as of now.";
    fn funnel_text(all) = "{all} no período.", "{all} in the period.";
    WON_BY_MONTH_TEXT = "Valor ganho em cada um dos últimos doze meses, ao lado da meta.", "What was won in each of the last twelve months, beside the goal.";
    NO_NUMBERS = "Sem números neste período.", "No numbers in this period.";
}

catalogue! {
    GOALS_BOARD = "Metas e resultados", "Goals and results";
    NEW_GOAL = "Nova meta", "New goal";
    PREVIOUS_YEAR = "Ano anterior", "Previous year";
    NEXT_YEAR = "Próximo ano", "Next year";
    fn goals_of(month) = "Metas de {month}", "Goals for {month}";
    NO_GOALS = "Nenhuma meta para este mês", "No goals for this month";
    NO_GOALS_TEXT = "Uma meta mostra a cada pessoa quanto falta.", "A goal shows everybody how far they still have to go.";
    fn deals(count) = "{count} vendas", "{count} sales";
    ONE_DEAL = "1 venda", "1 sale";
    WITHOUT_OWNER = "Sem responsável", "Without an owner";
}

catalogue! {
    IS_DONE = "concluída", "done";
    IS_OVERDUE = "atrasada", "overdue";
}

use crate::pages::language::Word;

/// The days of the week, from Monday on.
pub const WEEKDAYS: [Word; 7] = [
    Word("segunda-feira", "Monday"),
    Word("terça-feira", "Tuesday"),
    Word("quarta-feira", "Wednesday"),
    Word("quinta-feira", "Thursday"),
    Word("sexta-feira", "Friday"),
    Word("sábado", "Saturday"),
    Word("domingo", "Sunday"),
];

/// The same, short.
pub const SHORT_WEEKDAYS: [Word; 7] = [
    Word("seg", "Mon"),
    Word("ter", "Tue"),
    Word("qua", "Wed"),
    Word("qui", "Thu"),
    Word("sex", "Fri"),
    Word("sáb", "Sat"),
    Word("dom", "Sun"),
];

/// The months, short.
pub const SHORT_MONTHS: [Word; 12] = [
    Word("jan", "Jan"),
    Word("fev", "Feb"),
    Word("mar", "Mar"),
    Word("abr", "Apr"),
    Word("mai", "May"),
    Word("jun", "Jun"),
    Word("jul", "Jul"),
    Word("ago", "Aug"),
    Word("set", "Sep"),
    Word("out", "Oct"),
    Word("nov", "Nov"),
    Word("dez", "Dec"),
];
