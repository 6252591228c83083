"""The rules that come with helpwatch: what the compliance team of a crypto exchange looks out for.

They join a team's own rules unless the configuration switches them off. High are the subjects
that bind the team itself; the others are labels to sort by, since their words stand in half of
all announcements, and a changed figure, term or jurisdiction is high by itself.
"""

from tracker.watch_rules import WatchRule

DEFAULT_RULES: tuple[WatchRule, ...] = (
    WatchRule(
        label="KYC",
        severity="high",
        words=(
            "KYC", "KYB", "eKYC", "身份认证", "身份認證", "身份验证", "身份驗證",
            "实名认证", "實名認證",
        ),
        phrases=(
            "identity verification", "verify your identity", "know your customer",
            "customer due diligence", "enhanced due diligence", "source of funds",
            "source of wealth", "proof of address", "travel rule",
        ),
    ),
    WatchRule(
        label="Sanctions",
        severity="high",
        words=(
            "sanction", "sanctions", "sanctioned", "OFAC", "AML", "CFT", "embargo", "FATF",
            "制裁", "反洗钱", "反洗錢",
        ),
        phrases=("money laundering", "terrorist financing", "specially designated"),
    ),
    WatchRule(
        label="Restricted jurisdictions",
        severity="high",
        words=("geoblocking", "geo-blocking", "受限地区", "受限地區", "限制地区", "限制地區"),
        phrases=(
            "restricted location", "restricted locations", "restricted country",
            "restricted countries", "restricted jurisdiction", "restricted jurisdictions",
            "restricted region", "restricted regions", "prohibited jurisdiction",
            "prohibited jurisdictions", "prohibited countries", "not available in your",
            "unsupported countries", "supported countries", "excluded countries",
        ),
    ),
    WatchRule(
        label="Delisting",
        severity="high",
        words=("delist", "delists", "delisted", "delisting", "delistings", "下线", "下線", "下架"),
        phrases=("suspend trading", "trading suspension", "cease trading", "remove trading pairs"),
    ),
    WatchRule(
        label="Fees",
        words=(
            "fee", "fees", "commission", "commissions", "surcharge", "spread", "spreads",
            "手续费", "手續費", "费率", "費率",
        ),
        phrases=("funding rate", "interest rate", "borrowing rate"),
    ),
    WatchRule(
        label="Limits",
        words=("limit", "limits", "cap", "caps", "quota", "quotas", "限额", "限額", "额度", "額度"),
        phrases=(
            "minimum withdrawal", "maximum withdrawal", "minimum deposit", "minimum order",
            "maximum leverage", "position tiers",
        ),
    ),
    WatchRule(
        label="Custody",
        words=(
            "custody", "custodian", "custodians", "custodial", "托管", "託管", "储备金", "儲備金",
        ),
        phrases=(
            "proof of reserves", "cold storage", "cold wallet", "client assets", "customer assets",
            "segregated accounts",
        ),
    ),
    WatchRule(
        label="Privacy",
        words=("privacy", "GDPR", "CCPA", "隐私", "隱私", "个人信息", "個人資料"),
        phrases=("personal data", "personal information", "data protection", "data retention"),
    ),
    WatchRule(
        label="Terms",
        words=(
            "disclaimer", "服务条款", "服務條款", "用户协议", "用戶協議", "风险披露", "風險披露",
        ),
        phrases=(
            "terms of service", "terms of use", "terms and conditions", "user agreement",
            "service agreement", "risk disclosure", "risk disclosures", "risk warning",
        ),
    ),
)  # fmt: skip
