"""Names of many alphabets, in parts: whoever carries a combination of them is invented.

A surname that is not in Latin letters carries its Latin spelling after ``=``, for the e-mail.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import product

from fadeout.demo.files import quoted

FOLDED = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "æ": "ae", "ð": "d"}
)


@dataclass(frozen=True)
class Culture:
    """How people of one tongue are called; surnames stand with their Latin spelling."""

    language: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[tuple[str, str], ...]


def in_latin(name: str) -> str:
    """A name in the plain letters that an e-mail address takes."""
    letters = unicodedata.normalize("NFKD", name.lower().translate(FOLDED))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())


def surname(part: str) -> tuple[str, str]:
    """A surname, ready quoted, and its Latin spelling."""
    name, _, latin = part.replace("_", " ").partition("=")
    return quoted(name), latin or in_latin(name)


def culture(language: str, women: str, men: str, surnames: str) -> Culture:
    """A culture from its lists; an underscore is a space inside a name."""

    def given(names: str) -> tuple[str, ...]:
        return tuple(quoted(name.replace("_", " ")) for name in names.split())

    return Culture(
        language, given(women), given(men), tuple(surname(part) for part in surnames.split())
    )


def joined(stems: str, endings: str, between: str = "") -> str:
    """Every stem with every ending: hundreds of surnames that sound right."""
    return " ".join(
        stem + between + ending
        for stem, ending in product(stems.split(), endings.split())
        if stem != ending
    )


CULTURES = {
    "german": culture(
        "de",
        "Adelheid Agnes Alma Annegret Antje Beate Birgit Carla Charlotte Dörte Edda Elfriede Elke "
        "Emilia Franziska Frieda Gerlinde Gudrun Hannah Hedwig Heike Ida Ilse Jana Johanna Jördis "
        "Käthe Klara Lea Leni Lieselotte Magdalena Margarete Marie-Luise Mathilda Mechthild Mia "
        "Petra Renate Rosemarie Sabine Selma Silke Tabea Ulrike Ursula Veronika Wiebke Zoë",
        "Albrecht Anton Arno Bastian Benno Bernd Björn Burkhard Clemens Detlef Dieter Eberhard "
        "Elias Emil Erwin Fabian Ferdinand Fritz Georg Gottfried Günther Hannes Hartmut Heinz "
        "Henrik Holger Ingo Jannis Joachim Jörg Jonas Jürgen Karl-Heinz Konrad Lennart Leon Lorenz "
        "Ludger Malte Mats Norbert Oskar Paul Ralf Rüdiger Sönke Theo Thilo Uwe Volker Wolfram",
        joined(
            "Acker Ahorn Birken Brunn Buchen Dorn Eichen Erlen Fels Fichten Finken Gersten Hasel "
            "Hirsch Hollen Kirch Krähen Linden Matten Moos Mühl Nuss Pfauen Ried Rüben Schilf "
            "Sonnen Specht Tannen Ulmen Wachtel Weiden Weiß Wiesen Ziegel",
            "auer bacher berger brink egger felder gruber hauser hofer huber kötter mann meier "
            "moser müller rieder schäfer thaler",
        ),
    ),
    "french": culture(
        "fr",
        "Adèle Amélie Anaïs Aurélie Bérénice Camille Chloé Élodie Éloïse Fantine Hélène Inès Joëlle "
        "Léa Lucie Maëlys Margaux Noémie Océane Séverine Solène Zoé",
        "Aurélien Baptiste Benoît Cédric Clément Émile Étienne Fabrice François Gaël Hugo Jérôme "
        "Loïc Lucien Maël Mathéo Noël Rémi Sébastien Théo Yann",
        joined("Beau Bois Clair Grand Haut Mont Petit Val Vieux", "chêne champ court fort jean pré")
        + " L'Hermier D'Aubrac Lefèvre Guérinot Cœurderoy Brûlé Fauçon Noëllat Peyrègne Châtaignier",
    ),
    "italian": culture(
        "it",
        "Agnese Alessia Benedetta Bianca Caterina Chiara Donatella Fiorella Ginevra Ilaria Letizia "
        "Lucrezia Martina Niccolina Ornella Serena Viola",
        "Alessio Brando Corrado Davide Edoardo Elia Filippo Gianluca Jacopo Lapo Matteo Nicolò "
        "Ottavio Pietro Rocco Saverio Tommaso",
        joined("Bosc Camp Col Fior Font Mont Pin Valc", "aretti ellini ettini olato onato uzzi")
        + " D'Acquarossa Dell'Orto De_Nicolò Perlabò",
    ),
    "english": culture(
        "en",
        "Abigail Beatrix Caitlin Daisy Eleanor Fiona Gwendolyn Harriet Imogen Jasmine Keira Mabel "
        "Niamh Olive Poppy Rosalind Siân Tilly Winifred",
        "Alistair Barnaby Callum Desmond Edmund Fergus Gareth Hamish Ivor Jago Kieran Lachlan "
        "Montague Nigel Owen Piers Rhys Seán Tobias",
        joined(
            "Ash Black Brook Church Hazel Long Mill Oak Stone Thorn", "bourne combe field ley mere"
        )
        + " O'Rafferty O'Shaughlin McAuley-Holt",
    ),
    "spanish": culture(
        "es",
        "Ainhoa Begoña Consuelo Dolores Encarnación Itziar Leire Macarena Nieves Rocío Ximena",
        "Álvaro Borja Eusebio Gonzalo Íñigo Joaquín Ramón Santiago Tomás Ulises Víctor",
        joined(
            "García Ibáñez López Muñoz Núñez Peña Quiñones Ríos Sáez",
            "Abad Cebrián Marín Ordóñez Yáñez",
            "_",
        ),
    ),
    "portuguese": culture(
        "pt",
        "Beatriz Conceição Fátima Inês Leonor Lúcia Mafalda São Teresa",
        "Afonso Duarte Estêvão Gonçalo João Nuno Simão Tomé Xavier",
        joined(
            "Araújo Brandão Conceição Falcão Magalhães", "Assunção Galvão Leitão Simões Vilaça", "_"
        ),
    ),
    "dutch": culture(
        "nl",
        "Anouk Femke Fleur Hanneke Isa Lotte Marijke Noor Sanne Tess",
        "Bram Daan Gijs Hidde Jeroen Koen Maarten Niels Sjoerd Thijs",
        "van_den_Berk van_der_Meulen de_Haas ter_Horst 't_Hoen Kuipers Dijkman IJsbrands Vermolen",
    ),
    "nordic": culture(
        "sv",
        "Åsa Astrid Dagný Guðrún Ingebjørg Kirsi Märta Ragnhild Sædís Solveig Ylva",
        "Åke Bjørn Eyvindur Håkon Jökull Lasse Øystein Søren Þór Väinö",
        joined("Berg Ek Lind Sjö Øst", "dahl gård kvist lund ström") + " Þorláksdóttir Mäkiranta",
    ),
    "polish": culture(
        "pl",
        "Agnieszka Bożena Grażyna Jadwiga Łucja Małgorzata Sława Wiesława Żaneta Zofia",
        "Błażej Bogusław Grzegorz Jędrzej Łukasz Mieczysław Paweł Stanisław Wacław Żelisław",
        "Nowaczyk Wójciak Kowalczyk Wrzeszcz Gąsior Żółtek Dębniak Świątek-Ryś Łopuch Źrebiec Mączka",
    ),
    "czech": culture(
        "cs",
        "Alžběta Božena Jitka Kateřina Květa Ludmila Růžena Věra Žofie",
        "Bořivoj Čeněk Jiří Matěj Ondřej Přemysl Řehoř Tomáš Zdeněk",
        "Martinů Petrů Janků Krejčí Tichý-Hruška Dolejší Kočí Hořejší Šťastný Ježků",
    ),
    "hungarian": culture(
        "hu",
        "Ágnes Boglárka Csilla Emőke Gyöngyi Ildikó Réka Tünde Zsófia",
        "Ákos Bálint Csaba Ernő Győző Lőrinc Ödön Szabolcs Zsombor",
        "Kővári Szőllős Fülöp-Tóth Erdőházi Gyöngyösi Hegyközi Sárközi Zsigmondházi",
    ),
    "croatian": culture(
        "hr",
        "Božica Đurđica Jasna Ljerka Nevenka Snježana Željka",
        "Božidar Dražen Hrvoje Krešimir Mišo Siniša Zvonimir",
        "Dragičević Jurković-Šimić Kovačić Lončarević Perišić Šoštarić Župančić",
    ),
    "albanian": culture(
        "sq",
        "Arbëresha Besa Drita Flutura Shpresa Teuta Vjollca",
        "Agron Besnik Dëfrim Ilir Shkëlzen Valon Ylli",
        "Bytyçi Çelaj Gjonbalaj Hoxhaj Krasniqaj Shalaj",
    ),
    "turkish": culture(
        "tr",
        "Aslı Ayşegül Büşra Çiğdem Gülşen İpek Ömür Şebnem Tuğçe Zeynep",
        "Barış Çağlar Emre Gökhan İlker Kağan Oğuzhan Şükrü Tolgay Yiğit",
        joined("Ak Demir Gök Güneş Kara Taş Yıldız", "açık bağ çelik dağ kaya soylu taşlı"),
    ),
    "vietnamese": culture(
        "vi",
        "Ánh_Tuyết Bích_Ngọc Diễm_Quỳnh Hồng_Nhung Mỹ_Hạnh Thúy_Vi Yến_Nhi",
        "Bảo_Long Đức_Anh Hữu_Phước Mạnh_Hùng Quốc_Việt Trọng_Nhân",
        "Nguyễn Trần Lê Phạm Huỳnh Võ Đặng Bùi Đỗ Dương Lý",
    ),
    "greek": culture(
        "el",
        "Αθηνά Βασιλική Δέσποινα Ελπίδα Ευαγγελία Καλλιόπη Λαμπρινή Σοφία Χρυσάνθη",
        "Αριστείδης Βαγγέλης Γεράσιμος Θανάσης Λευτέρης Παναγιώτης Σταύρος Φώτης",
        "Παπαδημητρίου=papadimitriou Αναγνώστου=anagnostou Γεωργίου=georgiou "
        "Οικονόμου=oikonomou Παπαϊωάννου=papaioannou Χατζηδημητρίου=chatzidimitriou Αλεξίου=alexiou "
        "Νικολάου=nikolaou Ελευθερίου=eleftheriou",
    ),
    "ukrainian": culture(
        "uk",
        "Богдана Віра Ганна Дарина Зоряна Єлизавета Лариса Мирослава Оксана Соломія",
        "Андрій Богдан Василь Гнат Данило Євген Мирон Остап Тарас Юрій",
        "Гончаренко=honcharenko Дяченко=diachenko Ковальчук=kovalchuk Лісовенко=lisovenko "
        "Мельниченко=melnychenko Олійничук=oliinychuk Пасічник=pasichnyk Рибаченко=rybachenko "
        "Соловейко=soloveiko Щербачук=shcherbachuk Яременко=yaremenko",
    ),
    "arabic": culture(
        "ar",
        "أمينة بشرى جميلة دلال رنا سلوى شيماء فاطمة ليلى ياسمين",
        "أنس بلال جمال حسام رائد زياد سامر طارق كريم يوسف",
        "الحداد=alhaddad النجار=alnajjar الخياط=alkhayyat البستاني=albustani الصباغ=alsabbagh "
        "العطار=alattar الرفاعي=alrifai السقا=alsaqqa الزيات=alzayyat",
    ),
    "persian": culture(
        "fa",
        "آزیتا پریسا شیرین گلناز مهتاب نسترن",
        "آرش بهروز پیمان کیوان مهرداد هوشنگ",
        "باغبانی=baghbani رنگرز=rangraz گلکار=golkar مهرجو=mehrju زرگری=zargari پژمان‌فر=pezhmanfar",
    ),
    "hebrew": culture(
        "he",
        "אביגיל גילה דבורה הדסה יעל מרים נועה שירה תמר",
        "אהרון ברוך גדעון הלל יונתן מנחם נפתלי שמעון",
        "אלמגור=almagor בן-שחר=benshachar הררי=harari כרמון=karmon נחליאלי=nachlieli שדה-אור=sadeor "
        "תבורי=tavori",
    ),
    "hindi": culture(
        "hi",
        "अनुराधा किरण गायत्री मीनाक्षी शकुन्तला सुनीता",
        "अरविन्द गोपाल दिनेश महेश राजीव सुरेश",
        "अग्रवाल=agrawal चतुर्वेदी=chaturvedi जोशी=joshi त्रिपाठी=tripathi पाण्डेय=pandey श्रीवास्तव=shrivastava",
    ),
    "chinese": culture(
        "zh-Hans",
        "雪梅 晓燕 玉兰 静怡 思琪 雨桐 婉清",
        "志强 建国 明辉 浩然 文博 子轩 家豪",
        "王=wang 李=li 张=zhang 陈=chen 林=lin 欧阳=ouyang 郑=zheng 谢=xie 许=xu 曹=cao",
    ),
    "japanese": culture(
        "ja",
        "葵 さくら みどり ひなた 美咲 千尋 陽菜 由紀子 彩香",
        "健太 翔 大輔 拓海 直樹 悠斗 隆之",
        "佐々木=sasaki 小野寺=onodera 長谷川=hasegawa 西村=nishimura 藤森=fujimori 五十嵐=igarashi "
        "木下=kinoshita 渡辺=watanabe",
    ),
    "korean": culture(
        "ko",
        "서연 지우 하윤 은주 미경 수아 예린",
        "도윤 민준 성호 영수 재현 준서 태양",
        "김=kim 이=lee 박=park 최=choi 강=kang 윤=yoon 남궁=namgung 황보=hwangbo",
    ),
    "thai": culture(
        "th",
        "กานดา จันทร์เพ็ญ ดวงใจ พิมพ์ชนก มาลี สุดารัตน์",
        "กิตติ ชัยวัฒน์ ณรงค์ ปกรณ์ วีระ สมศักดิ์",
        "แก้วมณี=kaewmanee ทองสุข=thongsuk บุญเรือง=boonrueang พงษ์ไพร=phongphrai รุ่งโรจน์=rungroj "
        "ศรีสวัสดิ์=srisawat",
    ),
    "georgian": culture(
        "ka",
        "ანა ეკატერინე თამარ ლელა მარიამ ნინო ქეთევან",
        "ალექსანდრე ბექა გიორგი ზურაბ ლევან ნიკოლოზ",
        "მთისპირელი=mtispireli ბერიკაშვილი=berikashvili გელოვანი=gelovani კვარაცხელიანი=kvaratskheliani "
        "მეგრელიანი=megreliani წიკლაური=tsiklauri",
    ),
    "armenian": culture(
        "hy",
        "Անահիտ Արփինե Գայանե Լուսինե Նարինե Շուշան",
        "Արամ Գևորգ Հայկ Տիգրան Վարդան Սուրեն",
        "Աբրահամյան=abrahamyan Գրիգորյան=grigoryan Խաչիկյան=khachikyan Ոսկանյան=voskanyan "
        "Դարբինյան=darbinyan Ծատուրյան=tsaturyan",
    ),
}
