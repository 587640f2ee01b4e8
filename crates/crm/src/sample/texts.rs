//! What people write down about sales and about what they do for them.

use sindico_domain::crm::ActivityKind;

/// What a company sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trade {
    /// Bread, cakes, meals.
    Food,
    /// Repairs and parts.
    Workshop,
    /// Projects and contracts.
    Services,
}

impl Trade {
    /// One of them, told by a seed.
    pub fn of(seed: u64) -> Self {
        [Self::Food, Self::Workshop, Self::Services][usize::try_from(seed % 3).unwrap_or_default()]
    }

    pub(super) fn titles(self) -> &'static [&'static str] {
        match self {
            Self::Food => &[
                "Coffee break para 40 pessoas", "Fornecimento diário de pães", "Bolo de casamento, três andares",
                "Cestas de café da manhã", "Kit festa junina", "Salgados para inauguração", "Ceia de Natal da equipe",
                "Contrato de lanches escolares", "Panetones para clientes", "Buffet do aniversário da empresa",
                "Pães de queijo congelados", "Revenda de bolos caseiros", "Café da manhã de sexta-feira",
                "Fornecimento de pães de hambúrguer", "Tortas para o restaurante", "Lanche da reunião mensal",
            ],
            Self::Workshop => &[
                "Revisão da frota", "Troca de embreagem da van", "Contrato de manutenção anual", "Funilaria e pintura",
                "Retífica do motor", "Jogo de pneus para utilitários", "Alinhamento e balanceamento da frota",
                "Reforma da suspensão", "Instalação de ar-condicionado", "Troca de óleo e filtros, 12 veículos",
                "Higienização de bancos", "Peças para o caminhão-baú", "Revisão dos 60.000 km", "Conserto do câmbio automático",
                "Plano de manutenção preventiva", "Blindagem de vidros",
            ],
            Self::Services => &[
                "Implantação do sistema de gestão", "Contrato de suporte mensal", "Site institucional novo", "Loja virtual",
                "Treinamento da equipe de vendas", "Consultoria tributária", "Reforma da recepção", "Projeto elétrico da filial",
                "Campanha de fim de ano", "Locação de equipamentos", "Renovação do contrato anual", "Auditoria de estoque",
                "Sinalização da fachada", "Instalação de câmeras", "Plano de limpeza e conservação", "Migração dos dados antigos",
            ],
        }
    }
}

/// What stands behind a sale's title, often nothing.
pub(super) const DETAILS: &[&str] = &[
    "", "", "", " – matriz", " – filial Centro", " – 1ª etapa", " – 2ª etapa", " – renovação", " – pedido adicional",
    " – piloto", " – unidade Norte",
];

pub(super) const NEXT_STEPS: &[&str] = &[
    "Ligar para confirmar o recebimento da proposta", "Enviar orçamento revisado", "Marcar visita técnica",
    "Aguardar aprovação do financeiro", "Levar amostras", "Apresentar para a diretoria", "Negociar prazo de pagamento",
    "Enviar minuta do contrato", "Confirmar quantidades", "Retornar depois do feriado",
];

pub(super) const LOSSES: &[&str] = &[
    "Preço acima do orçamento", "Fechou com concorrente", "Sem retorno do cliente", "Projeto adiado para o próximo ano",
    "Prazo de entrega não atendia", "Cliente encerrou as atividades", "Decidiu fazer internamente",
];

pub(super) const SALE_NOTES: &[&str] = &[
    "Cliente pediu desconto para pagamento à vista.", "Decisão passa pela sócia; incluir as duas na próxima conversa.",
    "Já comprou conosco no ano passado, gostou do atendimento.", "Concorrente ofereceu prazo maior, preço parecido.",
    "Quer nota fiscal em nome da filial.", "Entrega precisa ser antes das 8h.",
];

pub(super) const CUSTOMER_NOTES: &[&str] = &[
    "Prefere contato por WhatsApp, depois das 14h.", "Pagamento sempre por boleto, 28 dias.",
    "Pediu para falar com a gerente de compras.", "Cliente desde a inauguração da loja.",
    "Não ligar na hora do almoço.", "Emite pedido toda segunda-feira.",
];

pub(super) const LEAD_NOTES: &[&str] = &[
    "Viu o anúncio e pediu preço.", "Conheceu a empresa na feira e deixou cartão.", "Indicado por cliente antigo.",
    "Pergunta se atendemos aos sábados.", "Quer comparar com o fornecedor atual.", "Precisa de resposta ainda este mês.",
];

pub(super) const DISQUALIFICATIONS: &[&str] = &[
    "Sem orçamento", "Fora da região atendida", "Só queria comparar preços", "Telefone não existe",
    "Já tem contrato com outro fornecedor", "Não respondeu a três tentativas",
];

/// A kind of activity: what it is called, what comes of it, and how many minutes it takes.
pub(super) struct Deed {
    pub(super) kind: ActivityKind,
    pub(super) titles: &'static [&'static str],
    pub(super) outcomes: &'static [&'static str],
    pub(super) minutes: Option<(i64, i64)>,
}

/// The frequent ones come more than once.
pub(super) const DEEDS: &[Deed] = &[CALL, WHATSAPP, MEETING, EMAIL, TASK, FOLLOW_UP, NOTE, CALL, WHATSAPP, FOLLOW_UP];

const CALL: Deed = Deed {
    kind: ActivityKind::Call,
    titles: &[
        "Ligar para apresentar a proposta", "Ligação de retorno", "Ligar para confirmar a entrega", "Ligar para o financeiro",
        "Primeiro contato por telefone", "Ligar sobre a renovação",
    ],
    outcomes: &[
        "Atendeu e pediu a proposta por e-mail.", "Caixa postal; tentar de novo amanhã.", "Gostou do preço, vai falar com o sócio.",
        "Confirmou o pedido.", "Pediu para ligar na semana que vem.",
    ],
    minutes: Some((3, 35)),
};

const WHATSAPP: Deed = Deed {
    kind: ActivityKind::Whatsapp,
    titles: &[
        "Mandar catálogo por WhatsApp", "Responder dúvida no WhatsApp", "Enviar fotos das amostras", "Confirmar horário da visita",
        "Enviar chave do Pix",
    ],
    outcomes: &[
        "Visualizou e respondeu na hora.", "Respondeu com um joinha.", "Ainda não visualizou.", "Pediu mais duas opções.",
    ],
    minutes: Some((2, 15)),
};

const MEETING: Deed = Deed {
    kind: ActivityKind::Meeting,
    titles: &[
        "Reunião de apresentação", "Visita técnica", "Reunião para fechar o contrato", "Café com o cliente",
        "Demonstração no local",
    ],
    outcomes: &[
        "Boa conversa; faltou definir o prazo.", "Acertamos o escopo e o valor.", "Cliente remarcou em cima da hora.",
        "Conhecemos a operação; enviar orçamento até sexta.",
    ],
    minutes: Some((30, 120)),
};

const EMAIL: Deed = Deed {
    kind: ActivityKind::Email,
    titles: &[
        "Enviar proposta comercial", "Enviar contrato para assinatura", "Mandar orçamento revisado", "Enviar segunda via do boleto",
        "Responder pedido de cotação",
    ],
    outcomes: &["Proposta enviada.", "Recebeu e confirmou.", "Pediu ajuste na forma de pagamento.", "Sem resposta até agora."],
    minutes: None,
};

const TASK: Deed = Deed {
    kind: ActivityKind::Task,
    titles: &[
        "Preparar orçamento", "Conferir estoque para o pedido", "Cadastrar cliente no financeiro", "Separar amostras",
        "Atualizar tabela de preços", "Emitir nota fiscal",
    ],
    outcomes: &["Feito.", "Feito; faltou um item.", "Encaminhado ao financeiro."],
    minutes: Some((10, 90)),
};

const FOLLOW_UP: Deed = Deed {
    kind: ActivityKind::FollowUp,
    titles: &[
        "Acompanhar a proposta enviada", "Perguntar se chegou tudo certo", "Retomar contato parado", "Cobrar resposta do orçamento",
        "Ver se já decidiram",
    ],
    outcomes: &["Segue interessado.", "Vai decidir até o fim do mês.", "Pediu mais tempo.", "Deu o sinal verde."],
    minutes: Some((3, 20)),
};

const NOTE: Deed = Deed {
    kind: ActivityKind::Note,
    titles: &["Observação da visita", "Resumo da conversa", "Condições combinadas", "Preferências do cliente"],
    outcomes: &[""],
    minutes: None,
};

pub(super) const DETAILS_OF_DEEDS: &[&str] = &[
    "Levar a tabela de preços atualizada.", "Falar com a pessoa de compras, não com a recepção.",
    "Lembrar do desconto para pagamento à vista.", "Confirmar endereço de entrega.", "Perguntar sobre a filial nova.",
    "Anotar a data preferida.",
];
