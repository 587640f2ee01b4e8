//! What keys for programs may do, and until when.

use crate::pages::language::catalogue;

catalogue! {
    TOKEN_END = "Validade", "Good for";
    TOKEN_NO_END = "Até ser revogada", "Until it is revoked";
    fn days(days) = "{days} dias", "{days} days";
    TOKEN_UNTIL = "Vale até", "Good until";
    TOKEN_ENDED = "Venceu", "Over";
    TOKEN_ENDS_SOON = "Vence logo", "Ends soon";
    TOKEN_LIMITS = "Limitar o que ela pode", "Limit what it may do";
    TOKEN_LIMITS_HINT = "Sem marcar nada, ela pode tudo o que você pode. Marcando, só isso, e nunca mais do que você.", "Without a tick it may do all that you may. With ticks, those alone, and never more than you.";
    TOKEN_SCOPES = "Pode", "May do";
    TOKEN_FULL = "Tudo o que você pode", "All that you may";
    SCOPE_READ = "ler", "read";
    SCOPE_WRITE = "escrever", "write";
    SCOPE_SETTINGS = "Configurações da empresa", "The company's settings";
    SCOPE_PLATFORM = "Painel da plataforma", "The platform's console";
}
