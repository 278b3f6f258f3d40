-- The form in which names, numbers and addresses are searched: without case, accents and composition.
--
-- What the server was set up with (locale, ICU, extensions) makes no difference: built-in functions alone,
-- and tables of letters for what has no composition. A long table is slow: each text takes the shortest
-- that has its letters (none, a few of Latin, Cyrillic, all). Indexes stand on it: whoever changes it makes
-- another function, and the indexes anew.
CREATE FUNCTION contacts_fold(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN left(
    CASE
        WHEN octet_length($1) = length($1) THEN lower($1 COLLATE "C")
        WHEN $1 !~ '[ÆÐØÞßæðøþĐđĦħıĸŁłŊŋŒœŦŧ\u0180-\u024f\u0370-\u058f\u1e9e\u1efa-\u1eff\u1f00-\u1fff\u2126]' THEN
            lower(regexp_replace(
                normalize($1, NFKD),
                '[\u00ad\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u2060\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]+',
                '', 'g') COLLATE "C")
        WHEN $1 !~ '[\u0180-\u024f\u0370-\u058f\u1e9e\u1efa-\u1eff\u1f00-\u1fff\u2126]' THEN
            replace(replace(replace(replace(replace(replace(replace(translate(
                lower(regexp_replace(
                    normalize($1, NFKD),
                    '[\u00ad\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u2060\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]+',
                    '', 'g') COLLATE "C"),
                'ÐØðøĐđĦħıĸŁłŊŋŦŧ',
                'dododdhhikllnntt'
            ), 'ß', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe'), 'þ', 'th'), 'Þ', 'th')
        WHEN $1 !~ '[ÆÐØÞßæðøþĐđĦħıĸŁłŊŋŒœŦŧ\u0180-\u024f\u0370-\u03ff\u0460-\u048f\u0530-\u058f\u1e9e\u1efa-\u1eff\u1f00-\u1fff\u2126]'
            AND $1 !~ '[ҔҖҘҜҞҠҤҦҨҪҬҲҴҶҸҼҾӀӃӅӇӉӋӍӔӠӶӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮ]' THEN
            translate(
                lower(regexp_replace(
                    normalize($1, NFKD),
                    '[\u00ad\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u2060\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]+',
                    '', 'g') COLLATE "C"),
                'ЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯҐҒҚҢҮҰҺӘӨ',
                'ђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяґғқңүұһәө'
            )
        ELSE
            replace(replace(replace(replace(replace(replace(replace(replace(translate(
                lower(regexp_replace(
                    normalize($1, NFKD),
                    '[\u00ad\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u2060\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]+',
                    '', 'g') COLLATE "C"),
                'ÐØðøĐđĦħıĸŁłŊŋŦŧƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƢƤƦƧƩƬƮƱƲƳƵƷƸƼǤǶǷȜȠȢȤȺȻȽȾɁɃɄɅɆɈɊɌɎΑΒΓΔΕΖΗΘΙΚ'
                'ΛΜΝΞΟΠΡΣΤΥΦΧΨΩςЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѸѺѼѾҀҊҌҎҐҒҔҖҘҚ'
                'ҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӃӅӇӉӋӍӔӘӠӨӶӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇ'
                'ՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖỺỼỾ',
                'dododdhhikllnnttɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵƣƥʀƨʃƭʈʊʋƴƶʒƹƽǥƕƿȝƞȣȥⱥȼƚⱦɂƀʉʌɇɉɋɍɏαβγδεζηθικ'
                'λμνξοπρστυφχψωσђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѹѻѽѿҁҋҍҏґғҕҗҙқ'
                'ҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӄӆӈӊӌӎӕәӡөӷӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշ'
                'ոչպջռսվտրցւփքօֆỻỽỿ'
            ), 'ß', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe'), 'þ', 'th'), 'Þ', 'th'), 'ẞ', 'ss')
    END,
    200)
