"""Programs that open links and say who they are: what their user agents hold, in small letters.

Kept short on purpose. What calls itself a bot, a crawler or a spider is known by that word already; the rest
are mail gateways, previews of messengers, monitors and libraries of programmers. Whoever misses one adds a
line; the list is shown in the documentation as it stands here.
"""

from __future__ import annotations

import re

#: What a user agent holds -> what that is.
SCANNERS = {
    "barracuda": "Barracuda mail gateways",
    "proofpoint": "Proofpoint URL Defense",
    "mimecast": "Mimecast URL Protect",
    "safelinks": "Microsoft Safe Links",
    "msoffice": "Microsoft Office and Outlook, looking before somebody clicks",
    "ms-office": "Microsoft Office and Outlook, looking before somebody clicks",
    "microsoft office": "Microsoft Office and Outlook, looking before somebody clicks",
    "microsoft-office-scanner": "Microsoft's scanner of documents",
    "bingpreview": "previews of Microsoft Bing and Outlook",
    "skypeuripreview": "previews of Microsoft Teams and Skype",
    "googleimageproxy": "Gmail fetching pictures",
    "google-safety": "Google looking for malware",
    "google-read-aloud": "Google reading pages aloud",
    "google-inspectiontool": "Google's tools for webmasters",
    "feedfetcher": "Google fetching feeds",
    "yahoomailproxy": "Yahoo Mail fetching pictures",
    "yahoo link preview": "previews of Yahoo Mail",
    "slurp": "Yahoo Search",
    "ciscosecureemail": "Cisco Secure Email",
    "ironport": "Cisco Secure Email (IronPort)",
    "symantec": "Symantec Email Security",
    "messagelabs": "Symantec Email Security (MessageLabs)",
    "trendmicro": "Trend Micro Email Security",
    "trend micro": "Trend Micro Email Security",
    "fortimail": "Fortinet mail gateways",
    "fortiguard": "Fortinet mail gateways",
    "sophos": "Sophos Email",
    "forcepoint": "Forcepoint Email Security",
    "trustwave": "Trustwave MailMarshal",
    "fireeye": "Trellix (FireEye) Email Security",
    "zscaler": "Zscaler",
    "sonicwall": "SonicWall Email Security",
    "kaspersky": "Kaspersky security products",
    "bitdefender": "Bitdefender security products",
    "mcafee": "McAfee security products",
    "urlscan": "urlscan.io",
    "virustotal": "VirusTotal",
    "facebookexternalhit": "previews of Facebook, Instagram and Messenger",
    "meta-externalagent": "Meta fetching pages",
    "whatsapp": "previews of WhatsApp",
    "embedly": "previews by Embedly",
    "iframely": "previews by Iframely",
    "pinterest/0": "Pinterest fetching pages",
    "vkshare": "previews of VK",
    "qwantify": "Qwant",
    "ia_archiver": "the Internet Archive",
    "archive.org": "the Internet Archive",
    "headlesschrome": "a browser without a window",
    "phantomjs": "a browser without a window",
    "playwright": "a browser driven by a program",
    "puppeteer": "a browser driven by a program",
    "selenium": "a browser driven by a program",
    "lighthouse": "Google Lighthouse",
    "pingdom": "a monitor of web sites",
    "statuscake": "a monitor of web sites",
    "newrelic": "a monitor of web sites",
    "datadog": "a monitor of web sites",
    "curl/": "curl",
    "wget": "Wget",
    "httpie": "HTTPie",
    "postman": "Postman",
    "libwww": "a program in Perl",
    "lwp::": "a program in Perl",
    "python": "a program in Python",
    "aiohttp": "a program in Python",
    "httpx": "a program in Python",
    "go-http-client": "a program in Go",
    "java/": "a program in Java",
    "apache-httpclient": "a program in Java",
    "okhttp": "a program in Java or Kotlin",
    "node-fetch": "a program in JavaScript",
    "axios": "a program in JavaScript",
    "undici": "a program in JavaScript",
    "guzzle": "a program in PHP",
    "faraday": "a program in Ruby",
    "rest-client": "a program in Ruby",
    "winhttp": "a program of Windows",
    "powershell": "a program of Windows",
    "nutch": "Apache Nutch",
    "scrapy": "Scrapy",
}

#: Words by which programs call themselves. A telephone is called CUBOT.
WORDS = (
    "bot",
    "crawler",
    "spider",
    "scanner",
    "link preview",
    "linkpreview",
    "urlpreview",
    "monitor",
)
_KNOWN = re.compile(
    "|".join(
        [
            r"(?<!cu)bot(?![a-z])",
            *map(re.escape, WORDS[1:]),
            *map(re.escape, SCANNERS),
        ]
    )
)


def is_known(user_agent: str) -> bool:
    """Whether a user agent is that of a program."""
    return _KNOWN.search(user_agent.lower()) is not None
