//! What shuts a tenant's people out, and lets them in again.

use crate::pages::language::catalogue;

catalogue! {
    SUSPEND = "Suspender o contrato", "Suspend the contract";
    SUSPEND_TEXT = "Os membros deixam de entrar na hora, no portal e na API. Nenhum dado é apagado.", "Members are shut out at once, of the portal and the API. No data are removed.";
    RESUME = "Retomar o contrato", "Resume the contract";
    RESUME_TEXT = "O contrato volta a vigorar, e os membros entram de novo.", "The contract is in force again, and members get in.";
    fn resumes_to(status) = "Situação depois: {status}.", "Status afterwards: {status}.";
    DEACTIVATE = "Desativar a empresa", "Deactivate the tenant";
    DEACTIVATE_TEXT = "Para quem está de fora ela deixa de existir: portal e API respondem que não há nada ali. Nenhum dado é apagado.", "To everybody outside it no longer exists: portal and API say that nothing is there. No data are removed.";
    ACTIVATE = "Ativar a empresa", "Activate the tenant";
    ACTIVATE_TEXT = "Ela volta a atender no seu endereço.", "It answers at its address again.";
    CONFIRM = "Para confirmar, digite o código da empresa", "To confirm, type the tenant's code";
    fn confirm_hint(code) = "O código é {code}", "The code is {code}";
    WRONG_CODE = "Digite exatamente o código da empresa.", "Type exactly the tenant's code.";
}
