//! Sends what waits: by the company's own server, else by the platform's. What a mail says is read when it is sent,
//! with its reader's eyes: a record that they do not see by then is not named, and what they have read is not sent.
//!
//! A mail is claimed for a minute and sent within less, so that no two programs send the same. A program that dies
//! between a server's answer and writing it down leaves it to be sent once more, with the id that it had.

use super::reader_of;
use crate::App;
use crate::mail::server::{self, Fault};
use crate::mail::told::Letter;
use crate::pages::language::Language;
use crate::pages::portal::notifications::sentence::{sentence, target};
use crate::pages::switcher::portal_at;
use lettre::message::Mailbox;
use lettre::{Address, Message};
use secrecy::SecretString;
use sindico_crm::mail::{self, Claimed, MailSettings, Outcome};
use sindico_crm::notifications;
use sindico_db::{Error, Result, TenantConnection};
use sindico_domain::access::sight::Sight;
use sindico_store::control::{members, preferences, users, webhooks as secrets};
use sindico_store::tenant::directory::Company;
use sindico_store::tenant::route::Route;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long after its claim a mail may still be begun: the rest of the minute is the server's.
const BEGIN: Duration = Duration::from_secs(20);

/// By which a company's mail leaves.
pub(crate) enum Way {
    /// Its own server, with its password if it can be read.
    Own(Box<MailSettings>, Result<Option<SecretString>, ()>),
    /// The platform's.
    Platform(Mailbox),
}

impl Way {
    /// The way of this company, if there is one.
    pub(crate) async fn find(
        app: &App,
        data: &TenantConnection,
        company_id: i64,
    ) -> Result<Option<Self>> {
        if let Some(settings) = mail::find(data).await?
            && settings.wish.enabled
        {
            return Self::of(app, company_id, settings).await.map(Some);
        }
        let platform = app.config().mail.sender();
        Ok(platform.map(|from| Self::Platform(from.clone())))
    }

    /// By these settings.
    pub(crate) async fn of(app: &App, company_id: i64, settings: MailSettings) -> Result<Self> {
        let password = password(app, company_id, &settings).await?;
        Ok(Self::Own(Box::new(settings), password))
    }

    /// Who sends.
    pub(crate) fn from(&self) -> Result<Mailbox, Fault> {
        match self {
            Self::Own(settings, _) => {
                mailbox(&settings.wish.from_name, &settings.wish.from_address)
            }
            Self::Platform(from) => Ok(from.clone()),
        }
    }

    /// Where answers go, if not there.
    pub(crate) fn reply_to(&self) -> Option<Mailbox> {
        match self {
            Self::Own(settings, _) => mailbox("", &settings.wish.reply_to).ok(),
            Self::Platform(_) => None,
        }
    }

    /// Sends a message, once.
    pub(crate) async fn send(&self, app: &App, message: &Message) -> Result<String, Fault> {
        match self {
            Self::Own(_, Err(())) => {
                let words = "Its password can't be read. Type it in once more.";
                Err(Fault::new(words, true))
            }
            Self::Own(settings, Ok(password)) => {
                let outbound = &app.config().outbound;
                server::send(outbound, &settings.wish, password.as_ref(), message).await
            }
            Self::Platform(_) => app.config().mail.send_now(message).await,
        }
    }
}

fn mailbox(name: &str, address: &str) -> Result<Mailbox, Fault> {
    let address: Address = address
        .parse()
        .map_err(|_| Fault::new("The sender's address can't be used in a mail.", true))?;
    let name = Some(name.to_owned()).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address))
}

async fn password(
    app: &App,
    company_id: i64,
    settings: &MailSettings,
) -> Result<Result<Option<SecretString>, ()>> {
    if settings.secret.is_empty() {
        return Ok(Ok(None));
    }
    let (store, vault) = (app.store(), app.vault());
    match secrets::secrets(store, vault, company_id, &settings.secret).await {
        Ok(mut found) if !found.is_empty() => Ok(Ok(Some(found.swap_remove(0)))),
        Ok(_) => Ok(Err(())),
        Err(Error::Internal(context)) => {
            tracing::error!(
                context,
                company_id,
                "a mail server's password can't be read"
            );
            Ok(Err(()))
        }
        Err(error) => Err(error),
    }
}

/// Sends what is due, one mail after the other.
pub(super) async fn send_all(
    app: &App,
    (company, route): (&Arc<Company>, &Route),
    data: &TenantConnection,
    until: Instant,
) -> Result<()> {
    let Some(way) = Way::find(app, data, company.id).await? else {
        mail::drop_unsendable(data).await?;
        return Ok(());
    };
    while Instant::now() < until && !app.stopping().is_cancelled() {
        let began = Instant::now();
        let Some(claimed) = mail::claim(data, app.now()).await? else {
            break;
        };
        let outcome = match letter(app, (company, route), &way, &claimed).await? {
            Ok(message) if began.elapsed() < BEGIN => match way.send(app, &message).await {
                Ok(answer) => Outcome::Sent(answer),
                Err(fault) if fault.again => Outcome::Failed(fault.words),
                Err(fault) => Outcome::Refused(fault.words),
            },
            Ok(_) => Outcome::Failed("It took too long to write it.".to_owned()),
            Err(outcome) => outcome,
        };
        let word = match &outcome {
            Outcome::Sent(_) => "sent",
            Outcome::Dropped(_) => "dropped",
            Outcome::Failed(_) | Outcome::Refused(_) => "failed",
        };
        metrics::counter!("sindico_mails_total", "outcome" => word).increment(1);
        mail::record(data, &claimed, &outcome, app.now()).await?;
    }
    mail::forget_old(data, app.now()).await?;
    Ok(())
}

/// The message, as its reader may have it now; else what becomes of the mail.
async fn letter(
    app: &App,
    (company, route): (&Arc<Company>, &Route),
    way: &Way,
    claimed: &Claimed,
) -> Result<Result<Message, Outcome>> {
    let Some(user) = users::find(app.store(), claimed.user).await? else {
        return Ok(Err(Outcome::Dropped("There is no such user any more.")));
    };
    let active = members::active(app.store(), company.id, &[user.id]).await?;
    let places = users::memberships(app.store(), user.id).await?;
    let place = places.iter().find(|place| place.company_id == company.id);
    let role = place.map(|place| place.role);
    let Some(role) = role.filter(|_| !active.is_empty() && !user.email.is_empty()) else {
        return Ok(Err(Outcome::Dropped(
            "No member, or one without an address.",
        )));
    };
    let sight = match user.is_superuser {
        true => Sight::whole(),
        false => Sight::of(user.id, role, &company.roles),
    };
    let data = app.pools().tenant(route.clone(), sight);
    let reader = reader_of(user.id, role, user.is_superuser, &company.roles);
    let told = notifications::for_mail(&data, &reader, &claimed.notifications).await?;
    if told.is_empty() {
        return Ok(Err(Outcome::Dropped(
            "It was read, or is not there to be seen.",
        )));
    }
    let chosen = preferences::find(app.store(), user.id).await?;
    let language = match chosen.language.as_deref() {
        Some("en") => Language::English,
        _ => Language::Portuguese,
    };
    let portal = match portal_at(app, company.id, &company.subdomain).await {
        Ok(portal) => portal,
        // Companies have no hosts of their own here.
        Err(Error::Refused(_)) => app.config().public_url.clone(),
        Err(error) => return Err(error),
    };
    // Of what stays: a portal may move between two attempts, and the id may not.
    let host = format!("{}.sindico", company.tenant_code);
    let line = |one| (sentence(language, one), target(one, user.id));
    let from = match way.from() {
        Ok(from) => from,
        Err(fault) => return Ok(Err(Outcome::Failed(fault.words))),
    };
    let letter = Letter {
        from,
        reply_to: way.reply_to(),
        to: &user.email,
        language,
        company: &company.name,
        portal: &portal,
        lines: told.iter().map(line).collect(),
        id: format!(
            "<notification.{}.{}.{}@{host}>",
            company.id,
            claimed.id,
            claimed.created_at.as_millisecond()
        ),
    };
    let message = letter.message();
    Ok(message.map_err(|fault| match fault.again {
        true => Outcome::Failed(fault.words),
        false => Outcome::Refused(fault.words),
    }))
}
