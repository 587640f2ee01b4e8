//! Imports of files.

use crate::pages::language::catalogue;

catalogue! {
    LINE = "Linha", "Line";
    WHAT_IS_WRONG = "O que corrigir", "What is wrong";
    IMPORT = "Importar", "Import";
    IMPORTS = "Importações", "Imports";
    NEW = "Importar um arquivo", "Import a file";
    FILE = "Arquivo CSV ou Excel (XLSX)", "CSV or Excel (XLSX) file";
    FILE_HELP = "Até 50 MiB e 200.000 linhas. A primeira linha dá nome às colunas. Nada é gravado antes da conferência.", "At most 50 MiB and 200,000 rows. Its first row names the columns. Nothing is written before you have checked.";
    KIND = "O que são as linhas", "What the rows are";
    UPLOAD = "Enviar", "Upload";
    NONE_YET = "Nenhuma importação ainda", "No imports yet";
    NONE_DETAIL = "Traga clientes, leads ou vendas de uma planilha.", "Bring customers, leads or deals in from a spreadsheet.";
    ROWS = "Linhas", "Rows";
    STATE = "Situação", "State";
    WHEN = "Quando", "When";
    WHO = "Quem", "Who";
    COLUMN = "Coluna", "Column";
    NOT_USED = "Não importar", "Do not import";
    ID = "ID", "ID";
    COLUMNS = "O que são as colunas", "What the columns are";
    DUPLICATES = "Linhas que já existem", "Rows that are there already";
    SKIP = "Deixar como estão", "Leave as they are";
    UPDATE = "Atualizar o registro", "Update the record";
    CREATE = "Criar outro registro", "Create another record";
    KEYS = "Reconhecer por", "Known by";
    STYLE = "Números e datas", "Numbers and dates";
    STYLE_BR = "1.234,56 e 23/11/2026", "1.234,56 and 23/11/2026";
    STYLE_EN = "1,234.56 e 11/23/2026", "1,234.56 and 11/23/2026";
    CHECK = "Conferir", "Check";
    CHECK_AGAIN = "Conferir de novo", "Check again";
    COMMIT = "Gravar", "Write";
    GO_ON = "Continuar", "Go on";
    CANCEL = "Parar", "Stop";
    CANCEL_HELP = "O que já foi gravado fica, até que a importação seja desfeita.", "What was written stays until the import is taken back.";
    UNDO = "Desfazer a importação", "Take the import back";
    UNDO_HELP = "O que ela criou vai para a lixeira e o que ela mudou volta a ser como era. O que alguém mudou depois fica.", "What it made goes to the bin, what it changed is set back. What somebody has changed since stays.";
    ERRORS = "Baixar as linhas com erro", "Download the rows with errors";
    ERRORS_HELP = "Corrija o arquivo e envie de novo.", "Mend the file and upload it again.";
    FORGET = "Esquecer", "Forget";
    RESULT = "Resultado", "Result";
    VERDICT = "Resultado", "Verdict";
    ALL = "Todas", "All";
    NO_ROWS = "Nenhuma linha aqui.", "No rows here.";
    fn same_as(line) = "Repete a linha {line}.", "Repeats line {line}.";
    SAME = "Nada muda.", "Nothing changes.";
}

catalogue! {
    READY = "A conferir", "To be checked";
    CHECKING = "Conferindo", "Checking";
    CHECKED = "Conferida", "Checked";
    COMMITTING = "Gravando", "Writing";
    DONE = "Concluída", "Done";
    CANCELLED = "Parada", "Stopped";
    UNDOING = "Desfazendo", "Taking back";
    UNDONE = "Desfeita", "Taken back";
    FAILED = "Interrompida", "Broken off";
    V_NEW = "A criar", "To create";
    V_UPDATE = "A atualizar", "To update";
    V_SKIP = "A deixar", "To leave";
    V_ERROR = "Com erro", "With errors";
    V_CREATED = "Criadas", "Created";
    V_UPDATED = "Atualizadas", "Updated";
    V_SKIPPED = "Deixadas", "Left";
    V_FAILED = "Não gravadas", "Not written";
    V_UNDONE = "Desfeitas", "Taken back";
    V_KEPT = "Mantidas", "Kept";
}
