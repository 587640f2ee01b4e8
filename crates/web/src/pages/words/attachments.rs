//! Files at records.

use crate::pages::language::catalogue;

catalogue! {
    FILES = "Arquivos", "Files";
    FILE = "Arquivo", "File";
    NONE = "Nenhum arquivo ainda.", "No files yet.";
    CHOOSE = "Escolher arquivos", "Choose files";
    HELP = "Documentos, imagens, textos, áudio, vídeo ou ZIP. Dá para soltar aqui.", "Documents, pictures, texts, sound, video or ZIP. They can be dropped here.";
    ATTACH = "Anexar", "Attach";
    NOT_ATTACHED = "O arquivo não foi anexado", "The file was not attached";
    LOST = "O envio não chegou ao fim. Tente de novo.", "The upload did not come to its end. Try again.";
    PROGRESS = "Envio do arquivo", "Upload of the file";
    fn download(name) = "Baixar {name}", "Download {name}";
    fn see(name) = "Ver {name}", "See {name}";
    fn remove(name) = "Remover {name}", "Remove {name}";
}

/// What the rules say of files, as in [`super::messages::MESSAGES`].
pub const MESSAGES: &[(&str, &str)] = &[
    (
        "This sort of file is not taken. Send documents, pictures, texts, sound, video or a ZIP.",
        "Este tipo de arquivo não é aceito. Envie documentos, imagens, textos, áudio, vídeo ou um ZIP.",
    ),
    (
        "What is in the file is not what its name says: .{}.",
        "O conteúdo do arquivo não é o que o nome diz: .{}.",
    ),
    (
        "The files of your company may take {}, and {} of it are left.",
        "Os arquivos da sua empresa podem ocupar {}, e restam {}.",
    ),
    (
        "A record has at most {} files. Remove some first.",
        "Um registro tem no máximo {} arquivos. Remova alguns antes.",
    ),
    (
        "Send at most {} files at once.",
        "Envie no máximo {} arquivos de uma vez.",
    ),
    (
        "A file may have at most {}.",
        "Um arquivo pode ter no máximo {}.",
    ),
    (
        "The file took too long to come. Send it again.",
        "O arquivo demorou demais para chegar. Envie de novo.",
    ),
    ("The file is empty.", "O arquivo está vazio."),
    (
        "The file ended too early.",
        "O arquivo terminou antes da hora.",
    ),
    ("The form is too large.", "O formulário é grande demais."),
    (
        "Use a name without slashes and without characters that can't be seen.",
        "Use um nome sem barras e sem caracteres invisíveis.",
    ),
    (
        "This file can't be shown. Download it.",
        "Este arquivo não pode ser mostrado. Baixe-o.",
    ),
];
