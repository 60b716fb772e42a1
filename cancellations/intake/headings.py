"""The words that stand above a column of order numbers, and those that stand among them without being one."""

import re
import unicodedata
from functools import lru_cache

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
# Outside the lists: `PO号`, `采购单#`, `purchaseordercode`.
_names_purchase = re.compile(
    "(?:原|新|旧|关联)?(?:采购|po|purchase)[a-z\u4e00-\u9fff]{0,8}(?:号|号码|编号|编码|no|number|num|id|code)"
).fullmatch
# Numbers of something else: a column under such a heading has no purchase orders, however much it looks so.
_speaks_against = re.compile(
    "快递|物流|运单|提单|柜号|箱号|手机|电话|身份证|银行|账号|卡号|发票|凭证|入库|出库|退货|退款|移库|调拨|盘点|销售|网店|平台|店铺|支付|付款"
    "|收款|流水|合同|申请|请购|计划|报价|询价|物料|商品|货品|商家|条码|条形码|规格|型号|批次|批号|序号|行号|序列|供应商|客户|会员|仓库|货位"
    "|员|人|部门|备注|说明|原因|日期|时间|数量|件数|单价|价格|金额|税|邮编|车牌|箱|重量"
    "|tracking|express|waybill|phone|mobile|tel|invoice|barcode|sku|upc|ean|qty|quantity|amount|price|supplier|vendor|date|time"
    "|material|item|product|goods|warehouse|sales|refund|payment|contract|batch|serial|customer|remark|note"
).search
_OTHER_COLUMNS = _words("""
    序号 行号 编号 日期 时间
    供应商 供应商名称 供应商编号 供应商编码 仓库 仓库名称 店铺 状态 订单状态 采购员 制单人 制单时间 备注 原因
    商品 商品名称 商品编码 商家编码 货品名称 货品编号 规格 条码 数量 单价 金额 总金额 总数量 税额
    supplier vendor warehouse status remark remarks note date amount quantity qty price sku unit
    行 项目 单位 币种 税率 含税 含税金额 未税金额 到货数量 入库数量 已入库 未入库 采购数量 采购日期
    下单日期 交货日期 预计到货 到货时间 联系人 电话 手机 手机号 快递单号 物流单号 运单号 快递公司
    入库 入库单号 合同号 发票号 no number num id order item line
""")
_TOTALS = _words("合计 总计 小计 共计 总和 累计 合计金额 总合计 total subtotal grandtotal totals sum")
_is_total = re.compile(
    "(?:本页|本单|本月|本期|当页|分组|全部|以上|上页|数量|金额)?(?:合计|总计|小计|共计|累计|总和)(?:数量|金额|数)?"
).fullmatch
# What a form or a program writes where there is no number.
_PLACEHOLDERS = _words("n/a na null none nil nan undefined tbd 无 空 空白 暂无 没有 待定 待补 待填 未知 未填 不详 同上")
_KNOWN = frozenset.union(*_RANKED, _OTHER_COLUMNS, _TOTALS)
_parentheses = re.compile(r"\([^()]*\)|\[[^][]*\]|【[^【】]*】").sub
_ornaments = re.compile(r"[\s_.:*#/|'\"-]|\u200b|\ufeff").sub
_chinese, _not_chinese = re.compile("[\u4e00-\u9fff]").sub, re.compile("[^\u4e00-\u9fff]").sub


@lru_cache(maxsize=4096)
def heading_rank(text: str) -> int | None:
    """How surely this heads the column of order numbers, from 0, the surest; None if it does not at all."""
    heading = _normalised(text)
    rank = _rank(heading)
    if rank is None and heading:
        # In two languages, like `采购单号 PO No.`: what is Chinese in it counts, the rest where nothing is.
        chinese, foreign = _not_chinese("", heading), _chinese("", heading)
        if chinese and foreign and not _speaks_against(heading):
            ranks = [rank for rank in (_rank(chinese), _rank(foreign)) if rank is not None]
            return min(ranks, default=None) if _is_known(chinese) else None
    return rank


def _rank(heading: str) -> int | None:
    for rank, words in enumerate(_RANKED):
        if heading in words:
            return rank
    if _endings(heading) or (_names_purchase(heading) and not _speaks_against(heading)):
        return len(_RANKED)
    return None


def speaks_against(text: str) -> bool:
    """Whether this heads a column of other numbers: of parcels, invoices, goods."""
    return heading_rank(text) is None and bool(_speaks_against(_normalised(text)))


@lru_cache(maxsize=4096)
def is_heading(text: str) -> bool:
    """Whether it is a heading or the word before a total: it may stand among order numbers, it never is one."""
    return heading_rank(text) is not None or _is_known(_normalised(text))


def is_placeholder(text: str) -> bool:
    """Whether it says that there is no number."""
    return text.strip().casefold() in _PLACEHOLDERS


def _is_known(heading: str) -> bool:
    return heading in _KNOWN or bool(_endings(heading) or _names_purchase(heading) or _is_total(heading))


def _normalised(text: str) -> str:
    """Without case, width, spaces, punctuation and remarks in parentheses."""
    if not text or len(text) > LONGEST:
        return ""
    heading = unicodedata.normalize("NFKC", text).casefold()
    return _ornaments("", _parentheses("", heading))
