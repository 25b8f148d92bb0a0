"""Who and what appears in the demo, as plain values."""

from typing import NamedTuple


class Company(NamedTuple):
    """A customer of the demo; everyone is billed at accounts@<host>."""

    name: str
    contact: str
    host: str
    street: str
    place: tuple[str, str]


SAN_FRANCISCO = ("San Francisco", "94105")
OAKLAND = ("Oakland", "94607")
SAN_MATEO = ("San Mateo", "94401")
BERKELEY = ("Berkeley", "94704")

# The first fourteen are in the books of the sandbox's demo company, too, with the same e-mail address,
# so that they are linked when it is connected; the others are made there with their first invoice.
COMPANIES = [
    Company("Amber Dental Group", "Dana Amber", "amberdentalgroup.example", "100 Oak Street", SAN_FRANCISCO),
    Company("Birchwood Accounting", "Elliot Birch", "birchwoodaccounting.example", "107 Mission Street", OAKLAND),
    Company("Bluebird Bakery", "Rosa Mendes", "bluebirdbakery.example", "114 Harrison Avenue", SAN_MATEO),
    Company("Cedar & Stone Architects", "Joan Stone", "cedarstonearchitects.example", "121 Bay Road", BERKELEY),
    Company("City Optics", "Victor Lund", "cityoptics.example", "128 Market Street", SAN_FRANCISCO),
    Company("Clearwater Logistics", "Priya Nair", "clearwaterlogistics.example", "135 Oak Street", OAKLAND),
    Company("Crestline Realty", "Marcus Bell", "crestlinerealty.example", "149 Harrison Avenue", BERKELEY),
    Company("Fairview Clinic", "Dr. Helen Osei", "fairviewclinic.example", "170 Oak Street", SAN_MATEO),
    Company("Granite Legal LLP", "Samuel Ortiz", "granitelegalllp.example", "184 Harrison Avenue", SAN_FRANCISCO),
    Company("Ironbridge Engineering", "Tomas Varga", "ironbridgeengineering.example", "205 Oak Street", BERKELEY),
    Company("Juniper Pharmacy", "Aisha Rahman", "juniperpharmacy.example", "212 Mission Street", SAN_FRANCISCO),
    Company("Lakeside Hotel", "Grace Whitfield", "lakesidehotel.example", "226 Bay Road", SAN_MATEO),
    Company("Meridian Insurance", "Peter Novak", "meridianinsurance.example", "240 Oak Street", SAN_FRANCISCO),
    Company("Redwood Foundation", "Lucia Ferrari", "redwoodfoundation.example", "275 Oak Street", OAKLAND),
    Company("Bayside Veterinary", "Dr. Ken Ito", "baysidevet.example", "18 Pier Road", OAKLAND),
    Company("Coastal Title & Escrow", "Monica Reyes", "coastaltitle.example", "77 Montgomery Street", SAN_FRANCISCO),
    Company("Golden Gate Dance Academy", "Noor Haddad", "ggdance.example", "410 Fulton Street", SAN_FRANCISCO),
    Company("Hillcrest Orthopedics", "Dr. Amy Wexler", "hillcrestortho.example", "9 Summit Avenue", SAN_MATEO),
    Company("Marlowe & Finch Booksellers", "Theo Marlowe", "marlowefinch.example", "2210 Telegraph Avenue", BERKELEY),
    Company("Pacific Rim Imports", "Linh Tran", "pacrimimports.example", "1600 Seventh Street", OAKLAND),
    Company("Peninsula Credit Union", "Walter Krebs", "peninsulacu.example", "55 Third Avenue", SAN_MATEO),
    Company("Solano Solar", "Beatriz Coelho", "solanosolar.example", "980 Gilman Street", BERKELEY),
    Company("Twin Peaks Brewing", "Owen Gallagher", "twinpeaksbrewing.example", "301 Bryant Street", SAN_FRANCISCO),
    Company("Ülker Çelik Design 🛋", "Defne Ülker", "ulkercelik.example", "12 Hayes Street", SAN_FRANCISCO),
    Company("Valley Youth Orchestra", "Carla Jensen", "valleyyouth.example", "640 Delaware Street", SAN_MATEO),
]  # fmt: skip

# Name, price, taxable, code of the ledger account.
SERVICES = [
    ("Managed Workstation", "45.00", False, "4010"),
    ("Managed Server", "180.00", False, "4010"),
    ("Help Desk Hour", "125.00", False, "4020"),
    ("On-site Hour", "150.00", False, "4020"),
    ("After-hours Hour", "225.00", False, "4020"),
    ("Project Hour", "140.00", False, "4030"),
    ("Backup per Server", "75.00", False, "4010"),
    ("Email Security", "4.50", False, "4010"),
    ("Endpoint Protection", "6.25", False, "4010"),
    ("Microsoft 365 Business", "22.00", False, "4040"),
    ("Firewall Management", "95.00", False, "4010"),
    ("Network Monitoring", "60.00", False, "4010"),
    ("vCIO Consulting", "195.00", False, "4030"),
    ("Laptop 14 inch", "1149.00", True, "4050"),
    ("Wi-Fi Access Point", "189.00", True, "4050"),
]

ACCOUNTS = [
    ("4010", "Managed Services"),
    ("4020", "Support"),
    ("4030", "Projects and Consulting"),
    ("4040", "Cloud Subscriptions"),
    ("4050", "Hardware Sales"),
]
TERMS = [("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30)]
TAX_REGIONS = {
    "San Francisco": "8.625",
    "Oakland": "10.25",
    "San Mateo": "9.375",
    "Berkeley": "10.25",
}

# What technicians write on their time sheets: the service, the words.
WORK = [
    ("Help Desk Hour", "Outlook kept asking for the password; profile rebuilt"),
    ("Help Desk Hour", "Printer on the second floor offline after the update"),
    ("Help Desk Hour", "New starter: account, mailbox and multi-factor sign-in"),
    ("On-site Hour", "Replaced the switch in the server room"),
    ("On-site Hour", "Moved three desks, patched and labelled"),
    ("On-site Hour", "Wi-Fi survey of the ground floor"),
    ("After-hours Hour", "Firmware of the firewall, Sunday night"),
    ("After-hours Hour", "Server did not come back after a power cut"),
    ("Project Hour", "Mailbox migration, second group"),
    ("Project Hour", "File server to SharePoint: permissions review"),
    ("vCIO Consulting", "Quarterly review and budget for next year"),
]
HOURS = ["0.25", "0.5", "0.5", "0.75", "1", "1.5", "2", "3.25"]

# What is billed beside the hours: name of the service, the least and the most of it.
SUBSCRIPTIONS = [
    ("Managed Workstation", 6, 40),
    ("Managed Server", 1, 4),
    ("Endpoint Protection", 6, 40),
    ("Microsoft 365 Business", 5, 35),
    ("Backup per Server", 1, 4),
    ("Network Monitoring", 1, 2),
]
HARDWARE = ["Laptop 14 inch", "Wi-Fi Access Point"]

NEIGHBOURS = ["Litware Manufacturing", "Proseware Studios", "Wingtip Toys"]
