//! `sindico demo`: everything on one machine, ready to be looked at.

use super::{sample, serve};
use crate::database::remembered;
use crate::output;
use crate::settings::{Bind, Env, SettingError, Settings};
use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sindico_crm::By;
use sindico_crm::list::{ListQuery, list};
use sindico_crm::sample::{Amounts, Plan, Trade, domain, fill};
use sindico_domain::access::member::NewMember;
use sindico_domain::access::sight::Sight;
use sindico_domain::access::{Actor, Role};
use sindico_domain::account::NewUser;
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::Writer;
use sindico_domain::page::PageRequest;
use sindico_domain::tenant::{NewTenant, ProvisioningStatus};
use sindico_store::control::{members, tenants, users};
use sindico_store::{Error, Store};
use sindico_web::App;
use std::net::SocketAddr;
use std::process::ExitCode;

/// The demo's tenants: name, code, plan, what they sell.
const TENANTS: [(&str, &str, &str, Trade); 2] = [
    ("Padaria São João", "padaria", "PRO", Trade::Food),
    ("Oficina Boa Vista", "oficina", "STARTER", Trade::Workshop),
];

/// Browsers find no socket file.
const BIND_EXPECTED: &str = "an address and port such as 127.0.0.1:8000";

/// The demo's settings, under those that somebody set: always the private server, and portals
/// under `localhost`, which browsers find without DNS.
pub fn defaults(env: &mut Env) -> Result<(), SettingError> {
    env.unset("DATABASE_URL");
    env.set_default("SINDICO_LOG", "warn");
    env.set_default("CONTROL_PLANE_PROVISIONER", "local_postgres");
    let address: SocketAddr = env.parse("SINDICO_BIND", BIND_EXPECTED)?;
    let template = format!("http://{{subdomain}}.localhost:{}", address.port());
    env.set_default("CONTROL_PLANE_PORTAL_URL_TEMPLATE", &template);
    Ok(())
}

/// Serves with a platform admin and two tenants; repeating it changes nothing.
pub fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    output::note(&format!(
        "Síndico demo. Everything it writes is in {}.",
        settings.data_dir.display()
    ));
    serve::run_with(settings, async |app, settings| {
        let Bind::Address(address) = settings.bind else {
            bail!("SINDICO_BIND: expected {BIND_EXPECTED}");
        };
        let store = app.store();
        let actor = Actor::system("demo");
        let password = admin(store, &actor, settings).await?;
        let mut lines = vec![
            String::new(),
            format!(
                "  API and its documentation   http://localhost:{}/api/docs/",
                address.port()
            ),
            "  Sign in as                  admin".to_owned(),
            format!("  with the password           {}", password.expose_secret()),
        ];
        for (name, code, plan, trade) in TENANTS {
            let tenant = tenant(app, &actor, settings, (name, code, plan)).await?;
            fill_once(app, tenant.id, code, trade).await?;
            let place = &tenant.provisioning;
            lines.push(format!(
                "  {:<26}  {} {}",
                tenant.name, place.status, place.portal_url
            ));
        }
        lines.extend([
            String::new(),
            "  A token for the curl tour in the README, from another terminal:".to_owned(),
            format!("    {} token create --username admin", program()),
            "  Stop with Ctrl-C.".to_owned(),
            String::new(),
        ]);
        output::text(&lines.join("\n"))?;
        Ok(())
    })
}

/// The program as it can be typed in the folder where the demo was started.
fn program() -> String {
    let exe = std::env::current_exe().unwrap_or_else(|_| "sindico".into());
    let here = std::env::current_dir().unwrap_or_default();
    exe.strip_prefix(&here)
        .unwrap_or(&exe)
        .display()
        .to_string()
}

async fn admin(store: &Store, actor: &Actor, settings: &Settings) -> anyhow::Result<SecretString> {
    let path = settings.data_dir.join("demo.password");
    let password = remembered(&path, || {
        let mut bytes = [0u8; 9];
        getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
        Ok(hex::encode(bytes))
    })?;
    if users::find_by_username(store, "admin").await?.is_none() {
        let new = NewUser::parse(
            "admin",
            "admin@localhost",
            password.expose_secret(),
            true,
            true,
        )
        .map_err(|errors| anyhow::anyhow!(errors.to_line()))?;
        users::create(store, actor, &new, &password).await?;
    }
    Ok(password)
}

async fn tenant(
    app: &App,
    actor: &Actor,
    settings: &Settings,
    (name, code, plan): (&str, &str, &str),
) -> anyhow::Result<sindico_domain::tenant::Tenant> {
    let (store, engine) = (app.store(), app.engine());
    let body = json!({
        "name": name, "tenant_code": code, "subdomain": code, "contract": {"plan": plan, "status": "ACTIVE"},
    });
    let body = body.as_object().context("the demo's tenant is an object")?;
    let rules = settings.rules(store.config().dbname());
    let new = NewTenant::parse(body, &rules, serve::today(settings)).map_err(Error::from)?;
    let tenant = match tenants::find_by_code(store, code).await? {
        Some(tenant) => tenant,
        None => {
            tenants::create(store, actor, &new, &rules, None)
                .await?
                .value
        }
    };
    let owner = NewMember {
        username: "admin".to_owned(),
        role: Some(Role::Owner),
        is_active: true,
    };
    members::add(store, actor, tenant.id, &owner, None).await?;
    if tenant.provisioning.status == ProvisioningStatus::Ready {
        return Ok(tenant);
    }
    let age = std::time::Duration::ZERO;
    let requested = engine.execute(actor, tenant.id, None, age, None).await?;
    let id = requested
        .context("the demo's tenant vanished")?
        .operation_id;
    engine.wait(id, std::time::Duration::from_secs(60)).await?;
    tenants::find(store, tenant.id)
        .await?
        .context("the demo's tenant vanished")
}

/// Gives a tenant its sample, in its own database, unless it has customers.
async fn fill_once(app: &App, company_id: i64, code: &str, trade: Trade) -> anyhow::Result<()> {
    app.directory().refresh(company_id).await?;
    let company = app.directory().by_id(company_id)?;
    let route = company.and_then(|company| company.route.clone());
    let data = app.pools().tenant(
        route.context("the demo's tenant has no place")?,
        Sight::whole(),
    );
    let asked = ListQuery {
        kind: Kind::Customer,
        filters: Vec::new(),
        q: None,
        sort: Kind::Customer.default_sort().to_owned(),
        page: PageRequest {
            limit: 1,
            ..PageRequest::default()
        },
        count_some: false,
    };
    if !list(&data, &asked).await?.page.items.is_empty() {
        return Ok(());
    }
    let actor = Actor::system("demo");
    let by = By {
        actor: &actor,
        now: (app.config().clock)(),
        writer: Writer::Exempt,
    };
    let plan = Plan {
        amounts: Amounts::SHOW,
        // Another one for each code.
        seed: code.bytes().fold(0, |seed, byte| {
            seed.wrapping_mul(31).wrapping_add(byte.into())
        }),
        trade,
        domain: &domain(code),
        zone: &app.config().time_zone,
        members: &sample::members_of(app.store(), company_id).await?,
    };
    fill(&data, by, &plan, &mut |_| {}).await?;
    Ok(())
}
