"""The same few words in many languages: a table of two or three lines, a sentence, a letter."""

import unicodedata
from typing import NamedTuple


class Sample(NamedTuple):
    encodings: tuple[str, ...]  # In which somebody may have it, as Python names them.
    texts: tuple[str, str, str]


SAMPLES = {
    "Japanese": Sample(
        (
            "cp932",
            "euc-jp",
        ),
        (
            "番号,名前,金額\n1,山田太郎,1200\n2,鈴木花子,3400\n",
            "本日の会議は午後三時から始まります。",
            "お世話になっております。先日ご依頼いただいた見積書をお送りします。内容をご確認のうえ、ご"
            "不明な点がございましたらお気軽にご連絡ください。よろしくお願いいたします。",
        ),
    ),
    "Japanese kana": Sample(
        (
            "cp932",
            "euc-jp",
        ),
        (
            "なまえ,ねだん\nりんご,120\nバナナ,98\n",
            "カタカナとひらがなのテスト",
            "ソフトウェアのインストールがおわりました。パソコンをさいきどうしてください。",
        ),
    ),
    "Chinese simplified": Sample(
        (
            "gbk",
            "gb18030",
        ),
        (
            "编号,姓名,金额\n1,张三,1200\n2,李四,3400\n",
            "今天的会议下午三点开始。",
            "您好,附件是您上周要求的报价单。请查看内容,如有任何问题,请随时与我们联系。谢谢您的支持,祝工作顺利。",
        ),
    ),
    "Chinese traditional": Sample(
        ("cp950",),
        (
            "編號,姓名,金額\n1,王小明,1200\n2,陳美玲,3400\n",
            "今天的會議下午三點開始。",
            "您好,附件是您上週要求的報價單。請查看內容,如有任何問題,請隨時與我們聯絡。謝謝您的支持,祝工作順利。",
        ),
    ),
    "Korean": Sample(
        ("cp949",),
        (
            "번호,이름,금액\n1,김철수,1200\n",
            "오늘 회의는 오후 세 시에 시작합니다.",
            "안녕하세요. 지난주에 요청하신 견적서를 보내드립니다. "
            "내용을 확인하시고 궁금한 점이 있으시면 언제든지 연락해 주세요. 감사합니다.",
        ),
    ),
    "Russian": Sample(
        (
            "cp1251",
            "koi8-r",
            "cp866",
            "iso-8859-5",
            "mac_cyrillic",
        ),
        (
            "Номер,Имя,Сумма\n1,Иван Петров,1200\n2,Анна Смирнова,3400\n",
            "Сегодня совещание начнётся в три часа дня.",
            "Здравствуйте! Направляем вам счёт за прошлый месяц. Пожалуйста, проверьте данные"
            " и сообщите нам, если у вас возникнут вопросы. С уважением, отдел продаж.",
        ),
    ),
    "Ukrainian": Sample(
        (
            "cp1251",
            "koi8-u",
        ),
        (
            "Номер,Ім'я,Сума\n1,Олена Шевченко,1200\n",
            "Сьогодні нарада почнеться о третій годині дня.",
            "Доброго дня! Надсилаємо вам рахунок за минулий місяць. Будь ласка, перевірте дан"
            "і й повідомте нас, якщо у вас виникнуть запитання. З повагою, відділ продажів.",
        ),
    ),
    "Bulgarian": Sample(
        ("cp1251",),
        (
            "Номер,Име,Сума\n1,Георги Димитров,1200\n",
            "Днес срещата започва в три часа следобед.",
            "Здравейте! Изпращаме ви фактурата за миналия месец. Моля, проверете данните и ни"
            " пишете, ако имате въпроси. С уважение, отдел продажби.",
        ),
    ),
    "Serbian Cyrillic": Sample(
        (
            "cp1251",
            "iso-8859-5",
        ),
        (
            "Број,Име,Износ\n1,Јован Ђорђевић,1200\n",
            "Данас састанак почиње у три сата.",
            "Добар дан! Шаљемо вам рачун за прошли месец. Молимо вас да проверите податке и ј"
            "авите нам ако имате питања.",
        ),
    ),
    "Greek": Sample(
        (
            "cp1253",
            "iso-8859-7",
        ),
        (
            "Αριθμός,Όνομα,Ποσό\n1,Γιώργος Παπαδόπουλος,1200\n",
            "Η συνάντηση ξεκινά στις τρεις το μεσημέρι.",
            "Καλημέρα σας! Σας στέλνουμε το τιμολόγιο του προηγούμενου μήνα. Παρακαλώ ελέγξτε"
            " τα στοιχεία και ενημερώστε μας αν έχετε ερωτήσεις.",
        ),
    ),
    "Hebrew": Sample(
        (
            "cp1255",
            "iso-8859-8",
        ),
        (
            "מספר,שם,סכום\n1,דוד כהן,1200\n",
            "הפגישה היום מתחילה בשעה שלוש.",
            "שלום רב! אנו שולחים לך את החשבונית של החודש שעבר. נא לבדוק את הפרטים ולהודיע לנו"
            " אם יש שאלות. תודה רבה.",
        ),
    ),
    "Arabic": Sample(
        (
            "cp1256",
            "iso-8859-6",
        ),
        (
            "رقم,اسم,مبلغ\n1,محمد علي,1200\n",
            "يبدأ الاجتماع اليوم في الساعة الثالثة.",
            "السلام عليكم ورحمة الله. نرسل لكم فاتورة الشهر الماضي. يرجى مراجعة البيانات وإخب"
            "ارنا إذا كانت لديكم أي أسئلة. شكرا جزيلا.",
        ),
    ),
    "Thai": Sample(
        ("cp874",),
        (
            "เลขที่,ชื่อ,จำนวน\n1,สมชาย ใจดี,1200\n",
            "การประชุมวันนี้เริ่มเวลาบ่ายสามโมง",
            "สวัสดีครับ ทางเราขอส่งใบเสนอราคาตามที่ท่านได้ร้องขอเมื่อสัปดาห์ที่แล้ว กรุณาตรวจ"
            "สอบรายละเอียด หากมีข้อสงสัยโปรดติดต่อเรา ขอบคุณครับ",
        ),
    ),
    "German": Sample(
        (
            "cp1252",
            "iso-8859-15",
            "mac_roman",
        ),
        (
            "Nr;Name;Straße;Betrag\n1;Jürgen Müller;Königsweg 3;1200\n",
            "Die Besprechung fängt später an, Grüße aus Köln.",
            "Sehr geehrte Frau Schröder, anbei erhalten Sie das gewünschte Angebot über die M"
            "öbel. Prüfen Sie bitte die Beträge. Für Rückfragen stehen wir gern zur Verfügung"
            ". Mit freundlichen Grüßen, Jörg Weiß",
        ),
    ),
    "German Euro": Sample(
        (
            "cp1252",
            "iso-8859-15",
        ),
        (
            "Artikel;Preis\nTee;3,50 €\nBücher;12,00 €\n",
            "Größe: klein, Preis 12 €",
            "Das Gerät kostet 1.200 € zuzüglich Mehrwertsteuer. Für größere Mengen gewähren w"
            "ir 5 % Rabatt; die Lieferung ist ab 500 € frei.",
        ),
    ),
    "French": Sample(
        (
            "cp1252",
            "iso-8859-15",
            "mac_roman",
        ),
        (
            "N°;Prénom;Ville;Montant\n1;Hélène;Orléans;1200\n2;François;Besançon;90\n",
            "La réunion commence à trois heures cet après-midi.",
            "Bonjour, veuillez trouver ci-joint le devis demandé la semaine dernière. N'hésit"
            "ez pas à nous contacter si vous avez des questions à propos des détails. Très co"
            "rdialement, l'équipe des ventes.",
        ),
    ),
    "Spanish": Sample(
        (
            "cp1252",
            "mac_roman",
        ),
        (
            "Número;Nombre;Año\n1;José Muñoz;2026\n",
            "¿Cuándo empieza la reunión de mañana?",
            "Estimado señor Núñez: le enviamos la cotización que solicitó la semana pasada. S"
            "i tiene alguna pregunta, comuníquese con nosotros. Atentamente, el equipo de ate"
            "nción.",
        ),
    ),
    "Portuguese": Sample(
        ("cp1252",),
        (
            "Número;Nome;Endereço\n1;João Conceição;São Paulo\n",
            "A reunião começa às três horas da tarde.",
            "Olá! Enviamos em anexo o orçamento solicitado na semana passada. Se tiver alguma"
            " dúvida, não hesite em entrar em contato. Atenciosamente, a equipe de vendas.",
        ),
    ),
    "Italian": Sample(
        ("cp1252",),
        (
            "Numero;Città;Quantità\n1;Forlì;1200\n",
            "La riunione comincerà alle tre: perché no?",
            "Gentile cliente, è disponibile il preventivo richiesto la settimana scorsa. Se a"
            "vrà domande, la preghiamo di contattarci: così potremo aiutarla più in fretta.",
        ),
    ),
    "Swedish": Sample(
        ("cp1252",),
        (
            "Nr;Förnamn;Ort\n1;Åsa Öberg;Västerås\n",
            "Mötet börjar klockan tre på eftermiddagen.",
            "Hej! Här kommer offerten som ni bad om förra veckan. Hör gärna av er om ni har n"
            "ågra frågor. Med vänliga hälsningar, försäljningsavdelningen i Göteborg.",
        ),
    ),
    "Danish": Sample(
        ("cp1252",),
        (
            "Nr;Navn;By\n1;Søren Kjær;Århus\n",
            "Mødet begynder klokken tre på torsdag.",
            "Hej! Vedhæftet finder du tilbuddet, som du bad om i sidste uge. Skriv gerne, hvi"
            "s du har spørgsmål. Med venlig hilsen, salgsafdelingen på Sjælland.",
        ),
    ),
    "English quotes": Sample(
        ("cp1252",),
        (
            "Item,Price\n“Tea”,£3\nCafé au lait,£4\n",
            "It’s a “naïve” café – isn’t it?",
            "Please find the quote you’ve asked for last week. If there’s anything unclear – "
            "prices, dates, “special” offers – don’t hesitate to write. We’re happy to help.",
        ),
    ),
    "Polish": Sample(
        (
            "cp1250",
            "iso-8859-2",
        ),
        (
            "Numer;Imię;Miejscowość\n1;Małgorzata Wiśniewska;Łódź\n",
            "Spotkanie zaczyna się dziś o trzeciej po południu.",
            "Dzień dobry! W załączniku przesyłamy ofertę, o którą prosili Państwo w zeszłym t"
            "ygodniu. Proszę sprawdzić szczegóły; w razie pytań jesteśmy do dyspozycji. Z pow"
            "ażaniem, dział sprzedaży.",
        ),
    ),
    "Czech": Sample(
        (
            "cp1250",
            "iso-8859-2",
        ),
        (
            "Číslo;Jméno;Město\n1;Jiří Dvořák;Plzeň\n",
            "Schůzka začíná dnes ve tři hodiny odpoledne.",
            "Dobrý den, v příloze zasíláme nabídku, o kterou jste minulý týden žádali. Zkontr"
            "olujte prosím údaje a napište nám, pokud máte nějaké otázky. S přátelským pozdra"
            "vem, oddělení prodeje.",
        ),
    ),
    "Hungarian": Sample(
        (
            "cp1250",
            "iso-8859-2",
        ),
        (
            "Szám;Név;Összeg\n1;Kovács Ernő;1200\n2;Szűcs Ágnes;90\n",
            "A megbeszélés ma délután háromkor kezdődik.",
            "Tisztelt Uram! Mellékelten küldjük a múlt héten kért árajánlatot. Kérjük, ellenő"
            "rizze az adatokat, és írjon nekünk, ha kérdése van. Üdvözlettel, az értékesítési"
            " osztály.",
        ),
    ),
    "Croatian": Sample(
        (
            "cp1250",
            "iso-8859-2",
        ),
        (
            "Broj;Ime;Mjesto\n1;Željko Šarić;Čakovec\n",
            "Sastanak počinje danas u tri sata poslijepodne.",
            "Poštovani, u privitku šaljemo ponudu koju ste tražili prošli tjedan. Molimo prov"
            "jerite podatke i javite nam ako imate pitanja. Srdačan pozdrav, odjel prodaje.",
        ),
    ),
    "Romanian": Sample(
        (
            "iso-8859-16",
            "cp1250",
        ),
        (
            "Număr;Nume;Oraș\n1;Ștefan Țepeș;Brașov\n",
            "Întâlnirea începe astăzi la ora trei.",
            "Bună ziua! Vă trimitem oferta pe care ați cerut-o săptămâna trecută. Vă rugăm să"
            " verificați datele și să ne scrieți dacă aveți întrebări. Cu stimă, echipa de vâ"
            "nzări.",
        ),
    ),
    "Turkish": Sample(
        ("cp1254",),
        (
            "Numara;İsim;Şehir\n1;Ayşe Yıldız;Eskişehir\n",
            "Toplantı bugün öğleden sonra üçte başlıyor.",
            "Merhaba! Geçen hafta istediğiniz teklifi ekte gönderiyoruz. Lütfen bilgileri kon"
            "trol edin ve sorularınız varsa bize yazın. Saygılarımızla, satış bölümü. İyi çal"
            "ışmalar.",
        ),
    ),
    "Lithuanian": Sample(
        (
            "cp1257",
            "iso-8859-13",
        ),
        (
            "Numeris;Vardas;Miestas\n1;Jūratė Žukauskienė;Šiauliai\n",
            "Susitikimas prasideda šiandien trečią valandą.",
            "Laba diena! Siunčiame jums pasiūlymą, kurio prašėte praėjusią savaitę. Prašome p"
            "atikrinti duomenis ir parašyti mums, jei turite klausimų. Pagarbiai, pardavimų s"
            "kyrius.",
        ),
    ),
    "Latvian": Sample(
        (
            "cp1257",
            "iso-8859-13",
        ),
        (
            "Numurs;Vārds;Pilsēta\n1;Jānis Bērziņš;Rēzekne\n",
            "Sanāksme sākas šodien trijos pēcpusdienā.",
            "Labdien! Nosūtām jums piedāvājumu, kuru lūdzāt pagājušajā nedēļā. Lūdzu, pārbaud"
            "iet datus un rakstiet mums, ja ir jautājumi. Ar cieņu, pārdošanas nodaļa.",
        ),
    ),
    "Estonian": Sample(
        (
            "cp1257",
            "iso-8859-15",
        ),
        (
            "Number;Eesnimi;Küla\n1;Õnne Pärn;Häädemeeste\n",
            "Koosolek algab täna kell kolm pärast lõunat.",
            "Tere! Saadame teile pakkumise, mida eelmisel nädalal küsisite. Palun kontrollige"
            " andmeid ja kirjutage meile, kui teil on küsimusi. Lugupidamisega, müügiosakond.",
        ),
    ),
    "Vietnamese": Sample(
        ("cp1258",),
        (
            "Số;Tên;Thành phố\n1;Nguyễn Văn An;Đà Nẵng\n",
            "Cuộc họp hôm nay bắt đầu lúc ba giờ chiều.",
            "Kính gửi quý khách! Chúng tôi gửi báo giá mà quý khách đã yêu cầu tuần trước. Vu"
            "i lòng kiểm tra và liên hệ nếu có câu hỏi. Trân trọng cảm ơn.",
        ),
    ),
    "Icelandic": Sample(
        ("cp1252",),
        (
            "Númer;Nafn;Staður\n1;Þórður Jónsson;Akureyri\n",
            "Fundurinn hefst klukkan þrjú í dag.",
            "Góðan daginn! Við sendum þér tilboðið sem þú baðst um í síðustu viku. Vinsamlega"
            "st skoðaðu upplýsingarnar og hafðu samband ef þú hefur spurningar.",
        ),
    ),
}

# Letters that windows-1258 writes in two parts: the vowel, and its tone.
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def encoded_samples():
    """Yield each sample in each of its encodings: its name, the encoding, the bytes, the text."""
    for language, sample in SAMPLES.items():
        for encoding in sample.encodings:
            for kind, text in zip(("table", "sentence", "letter"), sample.texts, strict=True):
                data = _encoded(text, encoding)
                yield f"{language}, {encoding}, {kind}", encoding, data, data.decode(encoding)


def _encoded(text, encoding):
    if encoding == "cp1250":  # It has the older letters of Romanian only.
        text = text.translate(str.maketrans("șțȘȚ", "şţŞŢ"))
    if encoding != "cp1258":
        return text.encode(encoding)
    return b"".join(map(_vietnamese, unicodedata.normalize("NFC", text)))


def _vietnamese(letter):
    parts = unicodedata.normalize("NFD", letter)
    tones = "".join(part for part in parts if part in _TONES)
    vowel = "".join(part for part in parts if part not in _TONES)
    return (unicodedata.normalize("NFC", vowel) + tones).encode("cp1258")
