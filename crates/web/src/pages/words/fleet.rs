//! The fleet's schema versions, and the settings of the program.

use crate::pages::language::catalogue;

catalogue! {
    TITLE = "Frota", "Fleet";
    SUBTITLE = "A versão das tabelas de cada empresa, e o que falta atualizar.", "The schema version of every tenant, and what is still to be migrated.";
    TARGET = "Versão do programa", "This program's version";
    CURRENT = "Em dia", "Up to date";
    BEHIND = "Atrás", "Behind";
    NO_TABLES = "Sem tabelas", "No tables";
    VERSION = "Versão", "Version";
    VERSIONS = "Versões em uso", "Versions in use";
    NONE_READY = "Nenhuma empresa preparada", "No tenant is provisioned";
    NONE_READY_TEXT = "Quando houver, as versões aparecem aqui.", "Once there is one, versions are shown here.";
    BEHIND_LIST = "Bancos que faltam atualizar", "Places that are behind";
    PLACE = "Onde", "Place";
    DATABASE = "Banco", "Database";
    SHARED = "compartilhado", "shared";
    ALL_CURRENT = "Todos os bancos estão na versão do programa.", "Every place is at this program's version.";
    START = "Atualizar agora", "Migrate now";
    START_TEXT = "Quatro bancos por vez em cada servidor; um que falha não para os outros.", "Four places at a time on each server; one that fails stops no other.";
    RUNNING = "Atualizando a frota", "Migrating the fleet";
    fn progress(done, all) = "{done} de {all}", "{done} of {all}";
    fn progress_failed(done, all, failed) = "{done} de {all}, {failed} com falha", "{done} of {all}, {failed} failed";
    LAST_RUN = "Última atualização", "Last migration";
    FAILURES = "Falhas", "Failures";
    WHY = "Por quê", "Why";
    BY_COMMAND = "Pelo terminal", "By command";
    COMMAND_TEXT = "O mesmo, numa máquina com o programa:", "The same, on a machine with the program:";
    fn finished(when) = "Terminou {when}", "Finished {when}";

    SETTINGS = "Ajustes", "Settings";
    SETTINGS_TEXT = "Como o programa os leu ao iniciar. Mudam no ambiente ou no arquivo .env, e valem no próximo início.", "As the program read them when it started. They change in the environment or in .env, and hold from the next start.";
    NAME = "Nome", "Name";
    VALUE = "Valor em uso", "Value in use";
    FROM = "De onde", "From where";
    FROM_ENV = "ambiente ou .env", "environment or .env";
    FROM_DEFAULT = "padrão", "default";
    SECRET_SET = "definido, não mostrado", "set, not shown";
    SECRET_UNSET = "não definido", "not set";
    EMPTY = "vazio", "empty";
    NO_SETTINGS = "Este programa não informou seus ajustes.", "This program has not reported its settings.";
    DOCTOR_TEXT = "Para conferir tudo de uma vez:", "To check everything at once:";
    FIND = "Nome ou significado", "Name or meaning";
    ONLY_SET = "Só os que foram definidos", "Only those that were set";
}
