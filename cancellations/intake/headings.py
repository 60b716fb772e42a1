"""The words that stand above a column of order numbers, and those that stand among them without being one."""

import re
import unicodedata

LONGEST = 40  # characters of a heading that is looked up


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PURCHASE_NUMBER = _words("""
    采购单号 采购单编号 采购单号码 采购订单号 采购订单编号 采购订单号码 采购单据编号 采购编号 采购号
    purchaseno purchasenumber purchaseid purchaseorderno purchaseordernumber purchaseorderid pono ponumber poid
""")
# These are titles of whole sheets too.
_PURCHASE_ORDER = _words("采购单 采购订单 purchaseorder purchaseorders purchase po")
_ANY_NUMBER = _words("""
    单号 单据号 单据编号 订单号 订单编号 订单号码
    orderno ordernumber orderid order documentno documentnumber
""")
_RANKED = (_PURCHASE_NUMBER, _PURCHASE_ORDER, _ANY_NUMBER)
_endings = re.compile(".*(?:采购单号|采购单编号|采购订单号|采购订单编号)").fullmatch
_OTHER_COLUMNS = _words("""
    序号 行号 编号 日期 时间
    供应商 供应商名称 供应商编号 供应商编码 仓库 仓库名称 店铺 状态 订单状态 采购员 制单人 制单时间 备注 原因
    商品 商品名称 商品编码 商家编码 货品名称 货品编号 规格 条码 数量 单价 金额 总金额 总数量 税额
    supplier vendor warehouse status remark remarks note date amount quantity qty price sku
""")
_TOTALS = _words("合计 总计 小计 共计 总和 合计金额 总合计 total subtotal grandtotal totals sum")
_KNOWN = frozenset.union(*_RANKED, _OTHER_COLUMNS, _TOTALS)
_parentheses = re.compile(r"\([^()]*\)|\[[^][]*\]|【[^【】]*】").sub
_ornaments = re.compile(r"[\s_.:*#'\"-]|\u200b|\ufeff").sub


def heading_rank(text: str) -> int | None:
    """How surely this heads the column of order numbers, from 0, the surest; None if it does not at all."""
    heading = _normalised(text)
    for rank, words in enumerate(_RANKED):
        if heading in words:
            return rank
    return len(_RANKED) if _endings(heading) else None


def is_heading(text: str) -> bool:
    """Whether it is a heading or the word before a total: it may stand among order numbers, it never is one."""
    heading = _normalised(text)
    return heading in _KNOWN or bool(_endings(heading))


def _normalised(text: str) -> str:
    """Without case, width, spaces, punctuation and remarks in parentheses."""
    if not text or len(text) > LONGEST:
        return ""
    heading = unicodedata.normalize("NFKC", text).casefold()
    return _ornaments("", _parentheses("", heading))
