# 案件台：队列、案件页、排班。

desk-title = 案件
