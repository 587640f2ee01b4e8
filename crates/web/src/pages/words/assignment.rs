//! Rules of assignment.

use crate::pages::language::catalogue;

catalogue! {
    TITLE = "Distribuição", "Assignment";
    LEAD = "Um lead novo sem responsável é de quem a primeira regra que serve disser, uma pessoa de cada vez. Vale para leads da API, de formulários e de importações.", "A new lead without an owner is of whom the first rule that fits says, one person after the other. It counts for leads of the API, of forms and of imports.";
    NONE = "Nenhuma regra", "No rules";
    NONE_TEXT = "Sem regras, um lead é de quem o cadastra.", "Without rules, a lead is of who writes it down.";
    NEW = "Nova regra", "New rule";
    NAME = "Nome", "Name";
    SOURCE = "Só da origem", "Only of the source";
    SOURCE_HINT = "Em branco: todos os leads.", "Blank: all leads.";
    TEAM = "Pessoas da equipe", "People of the team";
    NO_TEAM = "Nenhuma equipe", "No team";
    PEOPLE = "Pessoas, uma de cada vez", "People, one after the other";
    FALLBACK = "Se ninguém puder", "If nobody can";
    FALLBACK_HINT = "Fica com os leads quando ninguém da regra está ativo.", "Gets the leads when nobody of the rule is active.";
    NOBODY = "Ninguém", "Nobody";
    CREATE = "Criar regra", "Make rule";
    UP = "Subir", "Move up";
    OFF = "Desligar", "Turn off";
    ON = "Ligar", "Turn on";
    REMOVE = "Excluir", "Delete";
    IS_OFF = "Desligada", "Off";
    ALL = "Todos os leads", "All leads";
    FILTERED = "Leads de um filtro", "Leads of a filter";
    fn of_source(source) = "Leads da origem “{source}”", "Leads of the source “{source}”";
    fn of_team(team) = "a equipe {team}", "the team {team}";
    fn else_to(name) = "senão, {name}", "else {name}";
    GONE = "(não está mais)", "(not here any more)";
    HISTORY = "Últimas mudanças", "Latest changes";
    CHANGED = "mudou as regras", "changed the rules";
    UNDID = "desfez a última mudança", "took back the last change";
    UNDO = "Desfazer a última mudança", "Undo the last change";
}
