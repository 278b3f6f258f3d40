-- Count so many more of a campaign.
INSERT INTO campaigns_campaigntotal (campaign_id, what, reason, count)
VALUES (%(campaign)s, %(what)s, %(reason)s, %(count)s)
ON CONFLICT (campaign_id, what, reason)
DO UPDATE SET count = campaigns_campaigntotal.count + excluded.count
