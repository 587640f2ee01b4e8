//! Teams: who sees each other's records.

use crate::pages::language::catalogue;

catalogue! {
    TITLE = "Times", "Teams";
    LEAD = "Onde um papel vê os registros dos seus times, quem está no mesmo time vê os registros uns dos outros; quem lidera vê os do time sempre. Uma pessoa pode estar em mais de um.", "Where a role sees the records of its teams, those in a team see each other's; who leads a team always sees its records. A person may be in several.";
    ONLY_OWNERS = "Só proprietários mudam os times.", "Only owners change teams.";
    NONE = "Nenhum time", "No teams";
    NONE_TEXT = "Crie um time para que pessoas vejam os registros umas das outras, sem ver os de todos.", "Make a team for people to see each other's records without seeing everybody's.";
    NEW = "Novo time", "New team";
    ADD = "Criar time", "Make the team";
    REMOVE = "Excluir o time", "Delete the team";
    REMOVED = "O time foi excluído. Quem estava nele já vê menos.", "The team is deleted. Who was in it sees less already.";
    RESTORE = "Trazer de volta", "Bring it back";
    NAME = "Nome do time", "Name of the team";
    MEMBERS = "Quem está nele", "Who is in it";
    OUT = "Não está", "Not in it";
    IN = "Está", "In it";
    LEADS = "Lidera", "Leads it";
    NOBODY = "Ninguém", "Nobody";
    STALE = "O time foi mudado por outra pessoa enquanto isso. Veja como está agora.", "The team was changed by somebody else meanwhile. See how it is now.";
    fn leader(name) = "{name} (lidera)", "{name} (leads)";
}
