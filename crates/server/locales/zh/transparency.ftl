# 对外公布的统计，以及给主管机关的材料。

transparency-title = 报案处理公开数据
