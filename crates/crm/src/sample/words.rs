//! Names and places. Persons and companies are put together by chance: any likeness is chance, too.

pub(super) const FIRST: &[&str] = &[
    "Adriana", "Alice", "Álvaro", "Amanda", "Ana", "André", "Antônio", "Aparecida", "Beatriz", "Benedito",
    "Bruna", "Bruno", "Caio", "Camila", "Carla", "Carlos", "Cecília", "Célia", "César", "Cláudia", "Cristiano",
    "Daniela", "Danilo", "Débora", "Diego", "Edson", "Eduardo", "Elaine", "Eliane", "Érica", "Fábio", "Fátima",
    "Felipe", "Fernanda", "Flávia", "Francisco", "Gabriela", "Geraldo", "Gilberto", "Giovana", "Gustavo",
    "Helena", "Heloísa", "Henrique", "Hugo", "Inês", "Isabela", "Ivone", "Jaqueline", "João", "Joaquim", "Jorge",
    "José", "Júlia", "Júlio", "Karina", "Larissa", "Laura", "Leandro", "Letícia", "Lívia", "Lourdes", "Lucas",
    "Luciana", "Luís", "Luzia", "Manuela", "Marcela", "Márcio", "Marcos", "Maria", "Mariana", "Marina", "Mário",
    "Mateus", "Mônica", "Natália", "Nilton", "Olívia", "Otávio", "Patrícia", "Paula", "Paulo", "Pedro", "Priscila",
    "Rafael", "Raquel", "Raimundo", "Regina", "Renata", "Ricardo", "Rita", "Roberto", "Rodrigo", "Rosângela",
    "Rute", "Sandra", "Sebastião", "Sérgio", "Silvana", "Simone", "Sônia", "Tânia", "Tatiana", "Teresa", "Thiago",
    "Úrsula", "Valéria", "Vanessa", "Vera", "Vicente", "Vinícius", "Vítor", "Viviane", "Wagner", "Yara", "Zilda",
];

pub(super) const LAST: &[&str] = &[
    "Abreu", "Aguiar", "Almeida", "Alves", "Amaral", "Andrade", "Antunes", "Aragão", "Araújo", "Assunção", "Azevedo",
    "Barbosa", "Barreto", "Barros", "Batista", "Bezerra", "Borges", "Braga", "Brandão", "Brito", "Caldas", "Camargo",
    "Campos", "Cardoso", "Carvalho", "Castro", "Cavalcanti", "Coelho", "Conceição", "Correia", "Costa", "Cunha",
    "Dantas", "Dias", "Duarte", "Esteves", "Faria", "Fernandes", "Ferreira", "Figueiredo", "Fonseca", "Freitas",
    "Furtado", "Garcia", "Gomes", "Gonçalves", "Gouveia", "Guimarães", "Leal", "Leão", "Leite", "Lemos", "Lima",
    "Lopes", "Macedo", "Machado", "Magalhães", "Maia", "Marques", "Martins", "Medeiros", "Melo", "Mendes", "Miranda",
    "Monteiro", "Morais", "Moreira", "Mota", "Moura", "Nascimento", "Negrão", "Neves", "Nóbrega", "Nogueira", "Nunes",
    "Oliveira", "Pacheco", "Paiva", "Peixoto", "Pereira", "Pimentel", "Pinheiro", "Pires", "Prado", "Queirós", "Ramos",
    "Rezende", "Ribeiro", "Rocha", "Rodrigues", "Salgado", "Sampaio", "Santana", "Santos", "Saraiva", "Silveira",
    "Simões", "Soares", "Sousa", "Tavares", "Teixeira", "Toledo", "Torres", "Valente", "Vasconcelos", "Vaz", "Viana",
    "Vieira", "Xavier", "Zanetti",
];

pub(super) const BUSINESSES: &[&str] = &[
    "Academia", "Açougue", "Armazém", "Auto Escola", "Auto Peças", "Bazar", "Bistrô", "Borracharia", "Café", "Cantina",
    "Clínica Odontológica", "Clínica Veterinária", "Colégio", "Comercial", "Confecções", "Confeitaria", "Construtora",
    "Contabilidade", "Cooperativa", "Creche", "Distribuidora", "Doceria", "Drogaria", "Eletrônica", "Embalagens",
    "Empório", "Escola", "Estofados", "Farmácia", "Floricultura", "Gráfica", "Hortifrúti", "Hotel", "Imobiliária",
    "Lanchonete", "Laticínios", "Lavanderia", "Livraria", "Locadora", "Marcenaria", "Material de Construção",
    "Mercadinho", "Mercearia", "Metalúrgica", "Móveis", "Oficina", "Ótica", "Padaria", "Papelaria", "Pet Shop",
    "Pizzaria", "Pousada", "Restaurante", "Salão", "Serralheria", "Sorveteria", "Supermercado", "Tecidos",
    "Transportadora", "Vidraçaria",
];

pub(super) const NAMES: &[&str] = &[
    "Aliança", "Alvorada", "Andorinha", "Araucária", "Bela Vista", "Boa Esperança", "Boa Vista", "Bom Jesus", "Bom Preço",
    "Brasil", "Campo Belo", "Canário", "Central", "Cruzeiro do Sul", "da Esquina", "da Praça", "da Serra", "da Vila",
    "do Bairro", "do Porto", "do Vale", "Dois Irmãos", "Esperança", "Estação", "Estrela", "Flor de Lis", "Girassol",
    "Horizonte", "Ideal", "Ipê Amarelo", "Jequitibá", "Juá", "Litoral", "Lua Nova", "Mandacaru", "Nossa Casa",
    "Nova Era", "Novo Mundo", "Ouro Verde", "Paraíso", "Pau-Brasil", "Pioneira", "Planalto", "Primavera", "Progresso",
    "Sabiá", "Santa Clara", "Santa Luzia", "Santo Antônio", "São Benedito", "São Bento", "São Jorge", "São José",
    "São Pedro", "Três Corações", "União", "Veredas", "Vitória-Régia",
];

pub(super) const FORMS: &[&str] = &["Ltda.", "Ltda.", "Ltda.", "ME", "ME", "S.A."];

/// City, state, area code, and the CEPs that belong to it, by their first five digits.
pub(super) const CITIES: &[(&str, &str, u8, u32, u32)] = &[
    ("São Paulo", "SP", 11, 1000, 5999),
    ("São Paulo", "SP", 11, 1000, 5999),
    ("São Paulo", "SP", 11, 1000, 5999),
    ("Santos", "SP", 13, 11000, 11099),
    ("Campinas", "SP", 19, 13000, 13139),
    ("Ribeirão Preto", "SP", 16, 14000, 14109),
    ("Rio de Janeiro", "RJ", 21, 20000, 23799),
    ("Rio de Janeiro", "RJ", 21, 20000, 23799),
    ("Niterói", "RJ", 21, 24000, 24399),
    ("Vitória", "ES", 27, 29000, 29099),
    ("Belo Horizonte", "MG", 31, 30000, 31999),
    ("Juiz de Fora", "MG", 32, 36000, 36099),
    ("Uberlândia", "MG", 34, 38400, 38415),
    ("Salvador", "BA", 71, 40000, 42499),
    ("Feira de Santana", "BA", 75, 44000, 44099),
    ("Aracaju", "SE", 79, 49000, 49098),
    ("Recife", "PE", 81, 50000, 52999),
    ("Maceió", "AL", 82, 57000, 57099),
    ("João Pessoa", "PB", 83, 58000, 58099),
    ("Natal", "RN", 84, 59000, 59139),
    ("Fortaleza", "CE", 85, 60000, 61599),
    ("Teresina", "PI", 86, 64000, 64099),
    ("São Luís", "MA", 98, 65000, 65109),
    ("Belém", "PA", 91, 66000, 66999),
    ("Manaus", "AM", 92, 69000, 69099),
    ("Brasília", "DF", 61, 70000, 72799),
    ("Goiânia", "GO", 62, 74000, 74899),
    ("Cuiabá", "MT", 65, 78000, 78099),
    ("Campo Grande", "MS", 67, 79000, 79124),
    ("Curitiba", "PR", 41, 80000, 82999),
    ("Londrina", "PR", 43, 86000, 86099),
    ("Maringá", "PR", 44, 87000, 87099),
    ("Florianópolis", "SC", 48, 88000, 88099),
    ("Blumenau", "SC", 47, 89000, 89099),
    ("Joinville", "SC", 47, 89200, 89239),
    ("Porto Alegre", "RS", 51, 90000, 91999),
    ("Caxias do Sul", "RS", 54, 95000, 95124),
];

pub(super) const STREETS: &[&str] = &[
    "Rua das Acácias", "Rua das Palmeiras", "Rua do Comércio", "Rua Sete de Setembro", "Rua Quinze de Novembro",
    "Rua XV de Agosto", "Rua Santos Dumont", "Rua São João", "Rua Bela Vista", "Rua da Matriz", "Rua dos Ipês",
    "Rua Tiradentes", "Rua Rui Barbosa", "Avenida Brasil", "Avenida Central", "Avenida Getúlio Vargas",
    "Avenida Independência", "Avenida Beira-Rio", "Avenida das Nações", "Travessa do Mercado", "Praça da Estação",
    "Alameda dos Jacarandás",
];

pub(super) const DISTRICTS: &[&str] = &[
    "Centro", "Centro", "Jardim América", "Vila Nova", "Boa Vista", "Santa Cecília", "São José", "Bela Vista", "Industrial",
    "Alto da Serra", "Jardim Primavera", "Parque das Flores", "Cidade Nova", "Santo Antônio",
];

pub(super) const CUSTOMER_TAGS: &[&str] =
    &["VIP", "atacado", "varejo", "recorrente", "novo", "inadimplente", "parceiro", "indicação", "zona sul", "licitação"];

pub(super) const SALE_TAGS: &[&str] = &["urgente", "renovação", "upsell", "cotação", "contrato", "safra", "fim de ano"];

pub(super) const SOURCES: &[&str] = &["Indicação", "Site", "Instagram", "WhatsApp", "Feira", "Google", "Telefone", "Facebook"];
