//! When something went wrong.

use crate::pages::language::catalogue;

catalogue! {
    NOT_FOUND = "Página não encontrada", "Page not found";
    NOT_FOUND_DETAIL = "O endereço não existe, ou o registro foi para a lixeira.", "There is nothing at this address, or it went to the bin.";
    NOTHING_HERE = "Não há nada neste endereço.", "There is nothing at this address.";
    FORBIDDEN = "Sem permissão", "Not allowed";
    CHANGED = "Alguém mudou isto antes", "Somebody changed this first";
    TOO_MANY = "Tentativas demais", "Too many attempts";
    UNAVAILABLE = "Indisponível no momento", "Not available right now";
    UNAVAILABLE_DETAIL = "O serviço está ocupado. Tente de novo em instantes; nada do que está salvo se perde.", "The service is busy. Try again in a moment; nothing that was saved is lost.";
    WRONG = "Não foi possível", "That did not work";
    FAULT = "Erro nosso", "Our fault";
    FAULT_DETAIL = "Algo deu errado do nosso lado, e já está registrado. Nada foi salvo pela metade.", "Something went wrong on our side, and is on record. Nothing was saved by half.";
    QUOTE = "Ao falar com o suporte, informe", "When you report it, quote";
    TRY_AGAIN = "Tentar de novo", "Try again";
}
